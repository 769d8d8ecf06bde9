// Package importer turns files into submissions: the exports of the vendors that people have their feedback with, and
// CSV in the dialects that people have, JSON Lines and JSON arrays. It recognises an export by its header or shape; of
// any other file it guesses the format, the encoding and what each column means. It shows what it settled on before
// anything is sent, and then yields one row after another in bounded memory:
//
//	file, err := importer.Open("reviews.csv", f, importer.Options{DefaultSource: "app-store"})
//	fmt.Print(file.Mapping()) // and file.Sample(): what was guessed
//	for row, err := range file.Rows(ctx) {
//		// an Invalid or TooLarge err is this row's, with file, line and field; the rest goes on
//	}
//
// [OpenArchive] does the same for a zip or a folder, [Payload] for what a vendor's webhook sends. [Exports] lists what is
// recognised.
//
// An export's items have ids of the vendor's own, so that an export, a later one and a webhook name the same words alike.
// A row without an id of its own gets one made of its content and of how often that content was seen before, so that a
// file imported twice doubles nothing and two equal rows stay two. [Features] and [Customers] read the product's
// hierarchy and the accounts.
package importer
