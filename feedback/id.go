package feedback

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"regexp"
	"strconv"
)

// ID names an item or an excerpt: a UUID (RFC 9562, version 8) that is a function of what it names.
type ID [16]byte

// ItemID is the id of the item that the producer calls externalID.
func ItemID(workspace, source, externalID string) ID {
	return derive("item", workspace, source, externalID)
}

// ExcerptID is the id of the nth excerpt (from 0) of an item that says just this text. An edit that leaves a sentence
// standing leaves its excerpt's id standing too.
func ExcerptID(item ID, text string, nth int) ID {
	return derive("excerpt", string(item[:]), text, strconv.Itoa(nth))
}

// DeadLetterID is the id of a message that could not be taken: the same message sent again is the same dead letter.
func DeadLetterID(workspace, source string, data []byte) ID {
	return derive("dead", workspace, source, string(data))
}

// derive hashes the parts, each behind its length so that no two lists of parts read alike.
func derive(parts ...string) ID {
	h := sha256.New()
	var size [8]byte
	for _, p := range parts {
		binary.BigEndian.PutUint64(size[:], uint64(len(p)))
		h.Write(size[:])
		h.Write([]byte(p))
	}
	var id ID
	copy(id[:], h.Sum(nil))
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

// String gives the usual form, 8-4-4-4-12 hexadecimal digits.
func (id ID) String() string {
	var b [36]byte
	hex.Encode(b[0:8], id[0:4])
	hex.Encode(b[9:13], id[4:6])
	hex.Encode(b[14:18], id[6:8])
	hex.Encode(b[19:23], id[8:10])
	hex.Encode(b[24:36], id[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// MarshalText gives the form of [ID.String].
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the form of [ID.String]. Its errors are Invalid.
func (id *ID) UnmarshalText(text []byte) error {
	parsed, err := ParseID(string(text))
	if err != nil {
		return err
	}
	*id = parsed
	return nil
}

// ParseID reads the form of [ID.String]. Its errors are Invalid.
func ParseID(s string) (ID, error) {
	var id ID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return ID{}, Errorf(Invalid, "%q is not an id", clip(s, 40))
	}
	digits := s[0:8] + s[9:13] + s[14:18] + s[19:23] + s[24:36]
	if _, err := hex.Decode(id[:], []byte(digits)); err != nil {
		return ID{}, Errorf(Invalid, "%q is not an id", clip(s, 40))
	}
	return id, nil
}

// ClusterID names a cluster within its workspace, for ever: numbers are given once, in the order in which the clusters
// were founded, and never again. People see it as C12.
type ClusterID int32

// String gives the form that people see, for instance C12.
func (id ClusterID) String() string { return "C" + strconv.Itoa(int(id)) }

// ParseClusterID reads C12, c12 or 12. Its errors are Invalid.
func ParseClusterID(s string) (ClusterID, error) {
	digits := s
	if len(s) > 1 && (s[0] == 'C' || s[0] == 'c') {
		digits = s[1:]
	}
	n, err := strconv.ParseInt(digits, 10, 32)
	if err != nil || n < 1 {
		return 0, Errorf(Invalid, "%q is not a cluster: clusters are called C1, C2 and so on", clip(s, 40))
	}
	return ClusterID(n), nil
}

// ClusterRef is a [ClusterID] that JSON writes as people see it: C12, and nothing for 0.
type ClusterRef ClusterID

// String gives the form of [ClusterID.String], and "" for 0.
func (r ClusterRef) String() string {
	if r == 0 {
		return ""
	}
	return ClusterID(r).String()
}

// MarshalText gives the form of [ClusterRef.String].
func (r ClusterRef) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads the form of [ClusterRef.String]. Its errors are Invalid.
func (r *ClusterRef) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*r = 0
		return nil
	}
	id, err := ParseClusterID(string(text))
	*r = ClusterRef(id)
	return err
}

// ThemeID names a theme within its workspace, as ClusterID does a cluster. People see it as T3.
type ThemeID int32

// String gives the form that people see, for instance T3.
func (id ThemeID) String() string { return "T" + strconv.Itoa(int(id)) }

// ParseThemeID reads T3 or t3. Its errors are Invalid.
func ParseThemeID(s string) (ThemeID, error) {
	if len(s) > 1 && (s[0] == 'T' || s[0] == 't') {
		if n, err := strconv.ParseInt(s[1:], 10, 32); err == nil && n > 0 {
			return ThemeID(n), nil
		}
	}
	return 0, Errorf(Invalid, "%q is not a theme: themes are called T1, T2 and so on", clip(s, 40))
}

var (
	workspacePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	sourcePattern    = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,62}$`)
)

// CheckWorkspace reports an Invalid error unless name may name a workspace: it is a token of NATS subjects too.
func CheckWorkspace(name string) error {
	if !workspacePattern.MatchString(name) {
		return Errorf(Invalid, "%q cannot name a workspace", clip(name, 40)).
			WithHint("use 1 to 63 lower-case letters, digits and hyphens, the first no hyphen")
	}
	return nil
}

// CheckSource reports an Invalid error unless name may name a source: it is a token of NATS subjects too.
func CheckSource(name string) error {
	if !sourcePattern.MatchString(name) {
		return Errorf(Invalid, "%q cannot name a source", clip(name, 40)).
			WithHint("use 1 to 63 lower-case letters, digits, hyphens and underscores")
	}
	return nil
}

// clip shortens what a stranger sent before it stands in an error.
func clip(s string, limit int) string {
	r := []rune(s)
	if len(r) <= limit {
		return s
	}
	return string(r[:limit]) + "…"
}
