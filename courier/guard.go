package courier

import (
	"context"
	"net"
	"net/netip"
	"strings"
	"syscall"

	"earshot/feedback"
)

// reserved are the networks that are not the public internet and that netip has no question for (IANA's special-purpose
// registries). Some of them carry addresses of others within: a private address must not hide in one.
var reserved = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
	"203.0.113.0/24", "240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
	"5f00::/16", "::/96", "fec0::/10")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, s := range list {
		out[i] = netip.MustParsePrefix(s)
	}
	return out
}

// public says whether an address is one of the public internet.
func public(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, p := range reserved {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// hosts are those that may be reached whatever their address is, as the operator names them.
type hosts map[string]bool

// readHosts reads "hooks.internal, 10.0.0.7:8080".
func readHosts(list string) hosts {
	h := hosts{}
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			h[name] = true
		}
	}
	return h
}

// allow says whether a host, or the host at this port, is named.
func (h hosts) allow(host, port string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return h[host] || h[net.JoinHostPort(host, port)] || h[host+":"+port]
}

// guarded gives a dial function that reaches public addresses and the named hosts. The address is looked at when the
// socket connects, after the name was resolved: a name that resolves to something else a moment later gains nothing.
func guarded(named hosts) func(ctx context.Context, network, address string) (net.Conn, error) {
	free := &net.Dialer{Timeout: dialTimeout}
	guard := &net.Dialer{Timeout: dialTimeout, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || !public(at.Addr()) {
			return feedback.Errorf(feedback.Invalid, "the host has a private or reserved address").
				WithHint("name the host in EARSHOT_DELIVERY_HOSTS if it may be reached all the same")
		}
		return nil
	}}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if host, port, err := net.SplitHostPort(address); err == nil && named.allow(host, port) {
			return free.DialContext(ctx, network, address)
		}
		return guard.DialContext(ctx, network, address)
	}
}
