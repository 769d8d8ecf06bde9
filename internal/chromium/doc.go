// Package chromium prints a page to PDF with a Chromium of this machine. It needs no library: the browser prints from its
// command line, without a network, in a profile of its own that is gone afterwards.
//
//	pdf, err := chromium.Print(ctx, chromium.Config{Dated: period.End}, page)
package chromium
