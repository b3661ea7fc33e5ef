package notify

import (
	"errors"
	"fmt"
	"net/netip"
	"syscall"
)

// ErrAddress says that a webhook's host leads to an address that is not on the public internet.
var ErrAddress = errors.New("not an address on the public internet")

// public refuses a connection to an address of this machine or of a local network. It is asked when the address is known
// and before the connection is made, for every address that a name leads to, so that no name, and no name that leads
// elsewhere the second time it is asked for, gets around it.
func public(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: it cannot be read", ErrAddress)
	}
	if !routable(ap.Addr()) {
		return fmt.Errorf("%s is %w", ap.Addr(), ErrAddress)
	}
	return nil
}

// routable says whether an address is one of the public internet, by the registries of special addresses (RFC 6890). Of
// IPv6, only what is handed out for it (2000::/3) and the well-known prefix for IPv4 behind it (RFC 6052) are let through;
// where an IPv4 address is inside, that one counts.
func routable(a netip.Addr) bool {
	a = a.Unmap()
	if a.Zone() != "" {
		return false
	}
	if a.Is4() {
		return !within(a, special4())
	}
	b := a.As16()
	switch {
	case netip.MustParsePrefix("64:ff9b::/96").Contains(a):
		return routable(netip.AddrFrom4([4]byte(b[12:16])))
	case netip.MustParsePrefix("2002::/16").Contains(a): // 6to4
		return routable(netip.AddrFrom4([4]byte(b[2:6])))
	}
	return netip.MustParsePrefix("2000::/3").Contains(a) && !within(a, special6())
}

func special4() []string {
	return []string{
		"0.0.0.0/8",       // this network
		"10.0.0.0/8",      // private
		"100.64.0.0/10",   // behind a carrier's translation
		"127.0.0.0/8",     // loopback
		"169.254.0.0/16",  // link-local; clouds answer with credentials at 169.254.169.254
		"172.16.0.0/12",   // private
		"192.0.0.0/24",    // protocols
		"192.0.2.0/24",    // documentation
		"192.88.99.0/24",  // 6to4 relays, given up
		"192.168.0.0/16",  // private
		"198.18.0.0/15",   // benchmarks of networks
		"198.51.100.0/24", // documentation
		"203.0.113.0/24",  // documentation
		"224.0.0.0/4",     // multicast
		"240.0.0.0/4",     // reserved, and broadcast
	}
}

func special6() []string {
	return []string{
		"2001::/23",     // protocols; Teredo, which holds an IPv4 address turned inside out
		"2001:db8::/32", // documentation
		"3fff::/20",     // documentation
	}
}

func within(a netip.Addr, prefixes []string) bool {
	for _, p := range prefixes {
		if netip.MustParsePrefix(p).Contains(a) {
			return true
		}
	}
	return false
}
