package lenient

// Names are what the fields of a table are called in JSON: of each row its id and its list, and of each item of a
// list its id and its value.
type Names struct{ ID, List, ItemID, Value string }

// Table decodes a list of rows, each of which has an id and a list of items with an id and a value, straight into the
// caller's types, because it may be long. read reads the value of an item from a number or a string. An id that
// repeats takes memory once. Rows and items without an id, or without a value that can be read, are left out and
// counted in odd.
func Table[V, Item, Row any](text []byte, maxElements int, odd *Odd, names Names, read func(Value) (V, bool),
	newItem func(id string, value V) Item, newRow func(id string, items []Item) Row,
) ([]Row, error) {
	r := NewReader(text, maxElements)
	ids := make(map[string]string)
	var rows []Row
	var items []Item // of the present row; copied when the row ends
	var rowID, itemID string
	var value V
	var known bool
	id := func(to *string) error {
		v, err := r.Value()
		if *to = ids[string(v.Text)]; *to == "" && v.isScalar() {
			*to = string(v.Text)
			ids[*to] = *to
		}
		return err
	}
	itemField := func(key []byte) error {
		switch string(key) {
		case names.ItemID:
			return id(&itemID)
		case names.Value:
			v, err := r.Value()
			if known = false; v.isScalar() {
				value, known = read(v)
			}
			return err
		}
		return r.Skip()
	}
	element := func(object func(key []byte) error) (whole bool, err error) {
		if r.Next() != '{' {
			return false, r.Skip()
		}
		return true, r.Object(object)
	}
	item := func() error {
		itemID, known = "", false
		_, err := element(itemField)
		if known && itemID != "" {
			items = append(items, newItem(itemID, value))
		} else {
			odd.Rows++
		}
		return err
	}
	rowField := func(key []byte) error {
		switch string(key) {
		case names.ID:
			return id(&rowID)
		case names.List:
			if items = items[:0]; r.Next() == '[' {
				return r.Array(item)
			}
		}
		return r.Skip()
	}
	err := r.Array(func() error {
		rowID, items = "", items[:0]
		whole, err := element(rowField)
		if whole && rowID != "" {
			rows = append(rows, newRow(rowID, append(make([]Item, 0, len(items)), items...)))
		} else {
			odd.Rows++
		}
		return err
	})
	if err == nil {
		err = r.End()
	}
	if err != nil {
		return nil, err
	}
	return append(make([]Row, 0, len(rows)), rows...), nil
}

// isScalar reports whether the value is a number or a string.
func (v Value) isScalar() bool { return v.Kind == Number || v.Kind == String }
