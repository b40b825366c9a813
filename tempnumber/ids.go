package tempnumber

// validID reports whether s can stand in a path as the id of a service or a
// country. The service's ids are short words; dots, slashes and escapes would
// change which endpoint a path means.
func validID(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// checkID refuses an id that cannot stand in a path; what says whose id it is.
func checkID(what, s string) error {
	if validID(s) {
		return nil
	}
	return invalid("%s %q: an id has 1 to 64 letters, digits, - and _, as the price lists show it", what, clip(s, 40))
}
