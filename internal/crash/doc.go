// Package crash names the moments between two steps of a message's way, so that a harness can end the process at each of
// them and see that nothing is lost or doubled:
//
//	crash.At(crash.IngestSaved) // the database has committed, and nobody was told
//
// At is a comparison with nil unless [Arm] was called. No setting, flag or environment variable of earshot leads there:
// only internal/chaos calls Arm, and neither app nor the command imports it.
package crash
