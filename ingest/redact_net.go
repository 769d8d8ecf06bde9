package ingest

import (
	"net/netip"
	"strings"
)

// findAddresses finds MAC addresses and IPv6 addresses among the words. IPv4 addresses are found with the numbers.
func findAddresses(found []finding, text string) []finding {
	for start, end := range addressRuns(text) {
		word := text[start:end]
		if isMAC(word) {
			value := strings.NewReplacer(":", "", "-", "", ".", "").Replace(strings.ToLower(word))
			found = append(found, finding{SecretMAC, start, end, value})
			continue
		}
		if strings.Count(word, ":") < 2 {
			continue
		}
		word, _, _ = strings.Cut(word, "/")
		word = trimColon(word)
		if addr, err := netip.ParseAddr(word); err == nil && isPersonalV6(word, addr) {
			found = append(found, finding{SecretIP, start, start + len(word), addr.String()})
		}
	}
	return found
}

// trimColon takes away the colon of a sentence, but none of an address.
func trimColon(word string) string {
	if strings.HasSuffix(word, ":") && !strings.HasSuffix(word, "::") {
		return word[:len(word)-1]
	}
	return word
}

// addressRuns yields the runs of bytes that may be an address: hexadecimal digits with colons, hyphens and dots.
func addressRuns(text string) func(yield func(start, end int) bool) {
	return func(yield func(start, end int) bool) {
		for i := 0; i < len(text); {
			if !isAddressByte(text[i]) {
				i++
				continue
			}
			start, marks := i, 0
			for i < len(text) && isAddressByte(text[i]) {
				if c := text[i]; c == ':' || c == '-' || c == '.' {
					marks++
				}
				i++
			}
			end := i
			if i < len(text) && isLetter(text[i]) || start > 0 && (isAlnum(text[start-1]) || text[start-1] == '_') {
				continue // a part of a longer word
			}
			for end > start && (text[end-1] == '.' || text[end-1] == '-' || text[end-1] == '/') {
				end--
			}
			if marks >= 2 && end-start >= 4 && !yield(start, end) {
				return
			}
		}
	}
}

func isAddressByte(c byte) bool {
	return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' || c == ':' || c == '-' || c == '.' || c == '/'
}

// isMAC knows 00:1a:2b:3c:4d:5e, 00-1A-2B-3C-4D-5E and 001a.2b3c.4d5e.
func isMAC(word string) bool {
	switch {
	case len(word) == 17 && (word[2] == ':' || word[2] == '-'):
		for i := range 17 {
			if i%3 == 2 {
				if word[i] != word[2] {
					return false
				}
			} else if !isHex(word[i]) {
				return false
			}
		}
		return true
	case len(word) == 14 && word[4] == '.' && word[9] == '.':
		letters, digits := 0, 0
		for i := range 14 {
			switch {
			case i == 4 || i == 9:
			case isDigit(word[i]):
				digits++
			case isHex(word[i]):
				letters++
			default:
				return false
			}
		}
		return letters > 0 && digits > 0
	}
	return false
}

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// isPersonalV6 leaves out what is no one's address: ::1, and words and times that happen to parse.
func isPersonalV6(word string, addr netip.Addr) bool {
	if !addr.Is6() || addr.IsLoopback() || addr.IsUnspecified() || addr.IsMulticast() {
		return false
	}
	hex, digits := 0, 0
	for i := range len(word) {
		if isHex(word[i]) {
			hex++
		}
		if isDigit(word[i]) {
			digits++
		}
	}
	return hex >= 5 && digits >= 1
}

// addressWords say that what follows is an address, where its parts are so short that it reads like a version.
var addressWords = []string{"ip", "ips", "ip-", "host", "server", "address", "adress", "adresse", "direcci", "ping", "login", "logged in", "log in", "sign in", "router",
	"gateway", "proxy", "vpn", "dns", "subnet", "netz", "ssh", "curl", "nslookup", "firewall", "forwarded", "blocked", "://"}

// readsLikeAddress tells an IPv4 address from a version. An address whose parts have two digits at most, 1.2.3.4, is one
// where a word or a port says so, or where it is a private network's.
func (c *cluster) readsLikeAddress(addr netip.Addr, start, end int) bool {
	head := before(c.text, start)
	if namesVersion(head) {
		return false
	}
	for _, part := range addr.As4() {
		if part >= 100 {
			return true
		}
	}
	port := end+1 < len(c.text) && (c.text[end] == ':' || c.text[end] == '/') && isDigit(c.text[end+1])
	return port || addr.IsPrivate() || last(head, addressWords) >= 0
}

// isPersonalV4 leaves out loopback, broadcast and the unspecified address.
func isPersonalV4(addr netip.Addr) bool {
	return !addr.IsLoopback() && !addr.IsUnspecified() && addr != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}
