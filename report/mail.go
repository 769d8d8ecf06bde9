package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"

	"earshot/feedback"
)

// MailOptions say how a mail is addressed.
type MailOptions struct {
	From mail.Address
	To   []mail.Address
	Date time.Time
	ID   string // the Message-ID without its angle brackets, as 1f3a@earshot.example
	Link string // where the whole of it stands; "" for none
	Mark string // what stands before the subject, for instance "Test"; "" for nothing
}

// Mail writes the document as a mail (RFC 5322) of two alternatives: plain text, and HTML of tables and inline styles,
// which mail programs render, with the weekly series of each topic as an inline PNG. The same document and options give
// the same bytes. It fails with Invalid without a sender, a recipient or an id.
func Mail(doc *Document, opts MailOptions) ([]byte, error) {
	v := newView(doc, Product)
	body, pictures, err := mailHTML(v, opts.Link)
	if err != nil {
		return nil, err
	}
	text := Text(doc, TextOptions{Width: 72})
	if opts.Link != "" {
		text = append(text, "\nThe whole Pulse, with its evidence: "+opts.Link+"\n"...)
	}
	return writeMail(opts, v.subject(), text, body, pictures)
}

// picture is a PNG that the HTML of a mail shows by its content id.
type picture struct {
	ID   string
	Data []byte
}

// writeMail puts a mail together. Its boundaries come from its id, so that they are the same each time and no two mails
// share them.
func writeMail(opts MailOptions, subject string, text, body []byte, pictures []picture) ([]byte, error) {
	if opts.From.Address == "" || len(opts.To) == 0 || opts.ID == "" {
		return nil, feedback.Errorf(feedback.Invalid, "a mail needs a sender, a recipient and an id")
	}
	var to []string
	for _, a := range opts.To {
		to = append(to, a.String())
	}
	var b bytes.Buffer
	header := func(name, value string) { b.WriteString(foldHeader(name + ": " + value)) }
	header("From", opts.From.String())
	header("To", strings.Join(to, ", "))
	header("Subject", encodeWords(display(marked(opts.Mark, subject), 140)))
	header("Date", opts.Date.Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	header("Message-ID", "<"+oneToken(opts.ID)+">")
	header("Auto-Submitted", "auto-generated")
	header("MIME-Version", "1.0")
	both, related := boundary(opts.ID, "alternative"), boundary(opts.ID, "related")
	header("Content-Type", `multipart/alternative; boundary="`+both+`"`)
	b.WriteString("\r\n")

	w := multipart.NewWriter(&b)
	if err := w.SetBoundary(both); err != nil {
		return nil, feedback.Errorf(feedback.Internal, "write the mail: %w", err)
	}
	err := quoted(w, "text/plain; charset=utf-8", text)
	if err == nil && len(pictures) == 0 {
		err = quoted(w, "text/html; charset=utf-8", body)
	} else if err == nil {
		err = withPictures(w, related, body, pictures)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, feedback.Errorf(feedback.Internal, "write the mail: %w", err)
	}
	return b.Bytes(), nil
}

// withPictures adds HTML and what it shows as one part (RFC 2387).
func withPictures(w *multipart.Writer, boundary string, body []byte, pictures []picture) error {
	part, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {`multipart/related; type="text/html"; boundary="` + boundary + `"`}})
	if err != nil {
		return err
	}
	inner := multipart.NewWriter(part)
	if err := inner.SetBoundary(boundary); err != nil {
		return err
	}
	if err := quoted(inner, "text/html; charset=utf-8", body); err != nil {
		return err
	}
	for _, p := range pictures {
		part, err := inner.CreatePart(textproto.MIMEHeader{"Content-Type": {"image/png"}, "Content-Transfer-Encoding": {"base64"},
			"Content-Id": {"<" + p.ID + ">"}, "Content-Disposition": {"inline"}})
		if err != nil {
			return err
		}
		encoded := base64.StdEncoding.EncodeToString(p.Data)
		for len(encoded) > 0 {
			n := min(76, len(encoded))
			if _, err := io.WriteString(part, encoded[:n]+"\r\n"); err != nil {
				return err
			}
			encoded = encoded[n:]
		}
	}
	return inner.Close()
}

func quoted(w *multipart.Writer, kind string, data []byte) error {
	part, err := w.CreatePart(textproto.MIMEHeader{"Content-Type": {kind}, "Content-Transfer-Encoding": {"quoted-printable"}})
	if err != nil {
		return err
	}
	q := quotedprintable.NewWriter(part)
	if _, err := q.Write(data); err != nil {
		return err
	}
	return q.Close()
}

func boundary(id, part string) string {
	sum := sha256.Sum256([]byte(part + " " + id))
	return "earshot-" + hex.EncodeToString(sum[:16])
}

// encodeWords writes a header's text in ASCII (RFC 2047), each encoded word short enough to stand in a line, also behind
// the header's name.
func encodeWords(s string) string {
	var words []string
	word := ""
	for _, r := range s {
		if len(mime.QEncoding.Encode("utf-8", word+string(r))) > 64 {
			words = append(words, word)
			word = ""
		}
		word += string(r)
	}
	words = append(words, word)
	if mime.QEncoding.Encode("utf-8", s) == s {
		return s
	}
	for i := range words {
		words[i] = mime.QEncoding.Encode("utf-8", words[i])
		if !strings.HasPrefix(words[i], "=?") { // one that is ASCII: left bare, the space behind it would count
			words[i] = "=?utf-8?q?" + strings.NewReplacer("=", "=3D", "?", "=3F", "_", "=5F", " ", "_").Replace(words[i]) + "?="
		}
	}
	return strings.Join(words, " ")
}

// oneToken takes from an id what could end it.
func oneToken(id string) string {
	return strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' || strings.ContainsRune("<>()[],;:\\\"", r) {
			return -1
		}
		return r
	}, id)
}

// foldHeader breaks a header at spaces into lines of at most 76 characters where it can (RFC 5322, 2.2.3), and ends it.
func foldHeader(line string) string {
	var b strings.Builder
	used := 0
	for i, word := range strings.Split(strings.NewReplacer("\r", "", "\n", "").Replace(line), " ") {
		switch {
		case i == 0:
		case i == 1: // a header does not begin with an empty line
			b.WriteByte(' ')
			used++
		case used+1+len(word) > 76:
			b.WriteString("\r\n ")
			used = 1
		default:
			b.WriteByte(' ')
			used++
		}
		b.WriteString(word)
		used += len(word)
	}
	return b.String() + "\r\n"
}

func pictureID(n int, hash string) string {
	return fmt.Sprintf("weeks%d.%s@earshot", n, hash[:min(12, len(hash))])
}
