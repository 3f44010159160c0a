package dataset

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nlpodyssey/gopickle/types"
)

// text returns a string. A pickle may hold it as text, as bytes or as numpy's.
func text(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case []byte:
		return string(v), true
	case *latin1:
		if len(v.text) > maxScalar {
			return "", false
		}
		s, err := v.bytes()
		return s, err == nil
	case *array:
		s, ok := v.scalar().(string)
		return s, ok
	}
	return "", false
}

// integer returns a whole number. A pickle may hold it as Python's or as numpy's.
func integer(value any) (int, bool) {
	if a, ok := value.(*array); ok {
		value = a.scalar()
	}
	n, ok := value.(int)
	return n, ok
}

// sequence returns the items of a list, a tuple or an array.
func sequence(value any) ([]any, error) {
	switch v := value.(type) {
	case *types.List:
		return *v, nil
	case *types.Tuple:
		return *v, nil
	case *array:
		return v.items()
	}
	return nil, errors.New("not a list, tuple or numpy array")
}

// valueIn returns the value under a key of a dict. The key in the dict may be text or bytes.
func valueIn(dict *types.Dict, key string) (any, error) {
	for _, entry := range *dict {
		if name, ok := text(entry.Key); ok && name == key {
			return entry.Value, nil
		}
	}
	return nil, missing(dict, key)
}

// sequenceIn returns the items under a key of a dict.
func sequenceIn(dict *types.Dict, key string) ([]any, error) {
	value, err := valueIn(dict, key)
	if err != nil {
		return nil, err
	}
	items, err := sequence(value)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return items, nil
}

// missing returns the error about a dict without a key. It lists the keys that the dict has.
func missing(dict *types.Dict, key string) error {
	const listed = 8
	var keys []string
	for _, entry := range *dict {
		name, ok := text(entry.Key)
		if !ok || !printable(name) {
			name = "?"
		}
		keys = append(keys, name)
	}
	there := "keys " + strings.Join(keys[:min(len(keys), listed)], ", ")
	switch {
	case len(keys) == 0:
		there = "no keys"
	case len(keys) > listed:
		there += fmt.Sprintf(" and %d more", len(keys)-listed)
	}
	return fmt.Errorf("%s: want %s", there, key)
}
