package transport

import (
	"errors"
	"net"
	"net/url"
	"slices"
	"strings"
)

// ParseBaseURL checks the address of the service, to which alone the key is sent. plainHTTP allows http:// to
// another machine. Errors do not repeat the address: it may hold a password.
func ParseBaseURL(s string, plainHTTP bool) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(strings.TrimSpace(s), "/"))
	switch {
	case err != nil || u.Opaque != "" || u.Hostname() == "":
		return nil, errors.New("the base URL is not a complete URL; write it like https://host/path")
	case u.User != nil:
		return nil, errors.New("the base URL has a user or a password in it; the API key alone authenticates")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("the base URL has a query or a fragment; write it like https://host/path")
	case slices.ContainsFunc(strings.Split(u.Path, "/"), func(segment string) bool { return segment == "." || segment == ".." }):
		return nil, errors.New("the base URL has a . or .. in its path; write it like https://host/path")
	case u.Scheme == "http" && !plainHTTP && !isLoopback(u.Hostname()):
		return nil, errors.New("the base URL is plain http to another machine, which would show the API key to everyone on the way; use https, or WithPlainHTTP in a test network")
	case u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("the base URL must start with https://, or with http:// on a loopback address")
	}
	return u, nil
}

// isLoopback reports whether a host is this machine, by its name or address.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}
