package importer

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// peek is how much of a file is looked at before it is read: enough to see its encoding, its delimiter and some rows.
const peek = 256 << 10

// decodeText gives the text of a file as UTF-8 without a byte order mark, and the name of its encoding: UTF-16 by its
// mark or by the zero bytes of Latin letters, Windows-1252 where the first bytes aren't UTF-8, else UTF-8 as it is, in
// which later faults are found row by row.
func decodeText(r io.Reader) (*bufio.Reader, string, error) {
	in := bufio.NewReaderSize(r, peek)
	head, err := in.Peek(peek)
	if err != nil && err != io.EOF && err != bufio.ErrBufferFull {
		return nil, "", err
	}
	switch {
	case bytes.HasPrefix(head, []byte{0xef, 0xbb, 0xbf}):
		_, err := in.Discard(3)
		return in, "utf-8", err
	case bytes.HasPrefix(head, []byte{0xff, 0xfe}):
		return decoded(in, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()), "utf-16le", nil
	case bytes.HasPrefix(head, []byte{0xfe, 0xff}):
		return decoded(in, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder()), "utf-16be", nil
	}
	if even, odd, pairs := zeros(head); pairs >= 4 {
		switch {
		case odd*2 > pairs && even == 0:
			return decoded(in, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewDecoder()), "utf-16le", nil
		case even*2 > pairs && odd == 0:
			return decoded(in, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM).NewDecoder()), "utf-16be", nil
		}
	}
	if looksWindows1252(head) {
		return decoded(in, charmap.Windows1252.NewDecoder()), "windows-1252", nil
	}
	return in, "utf-8", nil
}

func decoded(in io.Reader, t transform.Transformer) *bufio.Reader {
	return bufio.NewReaderSize(transform.NewReader(in, t), peek)
}

func zeros(head []byte) (even, odd, pairs int) {
	head = head[:min(len(head), 4096)]
	for i := 0; i+1 < len(head); i += 2 {
		pairs++
		if head[i] == 0 {
			even++
		}
		if head[i+1] == 0 {
			odd++
		}
	}
	return even, odd, pairs
}

// looksWindows1252 says that more of the bytes above ASCII make no UTF-8 than do. One broken row in a UTF-8 file doesn't
// make the others Windows-1252.
func looksWindows1252(head []byte) bool {
	good, bad := 0, 0
	for i := 0; i < len(head); {
		if head[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(head[i:])
		if r == utf8.RuneError && size == 1 {
			if len(head)-i < utf8.UTFMax && !utf8.FullRune(head[i:]) {
				break // cut off by the end of what was looked at
			}
			switch head[i] {
			case 0x81, 0x8d, 0x8f, 0x90, 0x9d, 0xfe, 0xff:
				return false // no letters of Western Europe
			}
			bad++
			i++
			continue
		}
		good++
		i += size
	}
	return bad > good
}
