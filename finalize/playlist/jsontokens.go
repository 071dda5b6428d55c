package playlist

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Manifests are read token by token: what is kept is then bounded by what is
// written there, and the order is that of the text.

// object reads an object, or null, and calls field with the name of each of its
// fields; that has to read the value.
func object(d *json.Decoder, field func(name string) error) error {
	return within(d, '{', func() error {
		name, err := d.Token()
		if err != nil {
			return err
		}
		s, _ := name.(string) // the decoder allows no other name
		return field(s)
	})
}

// array reads an array, or null, and calls element to read each value in it.
func array(d *json.Decoder, element func() error) error {
	return within(d, '[', element)
}

func within(d *json.Decoder, open json.Delim, each func() error) error {
	t, err := d.Token()
	if err != nil {
		return whole(err)
	}
	if t == nil {
		return nil
	}
	if t != open {
		return fmt.Errorf("byte %d: %.40v where %c was expected", d.InputOffset(), t, open)
	}
	for d.More() {
		if err := each(); err != nil {
			return whole(err)
		}
	}
	_, err = d.Token()
	return whole(err)
}

// whole tells a text that stops too early from one that has ended.
func whole(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// skip reads any value and forgets it.
func skip(d *json.Decoder) error {
	var v json.RawMessage
	return d.Decode(&v)
}

// end checks that nothing follows.
func end(d *json.Decoder) error {
	if _, err := d.Token(); err != io.EOF {
		return fmt.Errorf("byte %d: more than one value", d.InputOffset())
	}
	return nil
}
