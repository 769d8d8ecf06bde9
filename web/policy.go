package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strings"
)

// contentPolicy is the content security policy of an answer: no script at all, and no style but the server's own and the
// elements that have one of the hashes.
func contentPolicy(hashes ...string) string {
	var own strings.Builder
	for _, h := range hashes {
		fmt.Fprintf(&own, " '%s'", h)
	}
	return fmt.Sprintf("default-src 'none'; style-src 'self'%s; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		own.String())
}

// styleHashes gives the hash of each style element of a page of Earshot's own making, in the form of a policy. A renderer
// escapes what strangers wrote, so that no "<style" on the page is theirs.
func styleHashes(page []byte) []string {
	var hashes []string
	for {
		_, rest, found := bytes.Cut(page, []byte("<style"))
		if !found {
			return hashes
		}
		_, rest, opened := bytes.Cut(rest, []byte(">"))
		content, after, closed := bytes.Cut(rest, []byte("</style>"))
		if !opened || !closed {
			return hashes
		}
		sum := sha256.Sum256(content)
		hashes = append(hashes, "sha256-"+base64.StdEncoding.EncodeToString(sum[:]))
		page = after
	}
}
