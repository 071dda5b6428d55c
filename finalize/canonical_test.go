package finalize

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"recfin/finalize/timeline"
)

func canonicalOf(v any) string {
	h := sha256.New()
	hashValue(h, v)
	return hex.EncodeToString(h.Sum(nil))
}

// TestHashTellsRecordsApart: records of equal JSON have equal hashes, all others have other
// ones: what is compared is what a run would write.
func TestHashTellsRecordsApart(t *testing.T) {
	seen := map[string]string{} // JSON by hash
	rapid.Check(t, func(t *rapid.T) {
		r := anyRecord(t)
		clean(reflect.ValueOf(r))
		raw, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		hash := canonicalOf(r)
		if had, ok := seen[hash]; ok && had != string(raw) {
			t.Fatalf("%s is the hash of\n%s\nand of\n%s", hash, had, raw)
		}
		seen[hash] = string(raw)
		again := &Record{}
		if err := json.Unmarshal(raw, again); err != nil {
			t.Fatal(err)
		}
		clean(reflect.ValueOf(again))
		if got := canonicalOf(again); got != hash {
			t.Fatalf("%s, and read back %s:\n%s", hash, got, raw)
		}
	})
}

// clean makes of texts what JSON makes of them, and of empty lists nil: what JSON has
// other words for is no other plan, and texts that are no UTF-8 it cannot tell apart.
func clean(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			clean(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() && v.Type() != reflect.TypeFor[time.Time]() {
				clean(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			clean(v.Index(i))
		}
		if v.Len() == 0 && !v.IsNil() {
			v.SetZero()
		}
	case reflect.String:
		v.SetString(string([]rune(v.String())))
	}
}

// TestHashSeesEveryField: no field of a record can change, be it in a list or below a
// pointer, without another hash.
func TestHashSeesEveryField(t *testing.T) {
	full := func() *Record {
		r := &Record{}
		fill(reflect.ValueOf(r).Elem())
		return r
	}
	want := canonicalOf(full())
	if canonicalOf(full()) != want {
		t.Fatal("equal records have other hashes")
	}
	count := 0
	for n := 0; ; n++ {
		r, at := full(), n
		path := alter(reflect.ValueOf(r).Elem(), "", &at)
		if path == "" {
			break
		}
		if count++; canonicalOf(r) == want {
			t.Errorf("%s does not show", path)
		}
	}
	if count < 100 {
		t.Errorf("only %d fields were changed", count)
	}
}

// fill gives every field a value, and every list two.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0))
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(1764000000, 0).UTC()))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i))
			}
		}
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	default:
		if v.CanInt() {
			v.SetInt(1)
		} else {
			v.SetUint(1)
		}
	}
}

// alter changes the leaf number *n and gives its path; empty: there are fewer.
func alter(v reflect.Value, path string, n *int) string {
	leaf := func(set func()) string {
		if *n--; *n >= 0 {
			return ""
		}
		set()
		return path
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		return alter(v.Elem(), path, n)
	case reflect.Slice:
		for i := range v.Len() {
			if at := alter(v.Index(i), fmt.Sprintf("%s[%d]", path, i), n); at != "" {
				return at
			}
		}
		return leaf(func() { v.Set(reflect.MakeSlice(v.Type(), v.Len()+1, v.Len()+1)) })
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return leaf(func() { v.Set(reflect.ValueOf(v.Interface().(time.Time).Add(1))) })
		}
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				if at := alter(v.Field(i), path+"."+f.Name, n); at != "" {
					return at
				}
			}
		}
		return ""
	case reflect.String:
		return leaf(func() { v.SetString(v.String() + "y") })
	case reflect.Bool:
		return leaf(func() { v.SetBool(!v.Bool()) })
	}
	if v.CanInt() {
		return leaf(func() { v.SetInt(v.Int() + 1) })
	}
	return leaf(func() { v.SetUint(v.Uint() + 1) })
}

// TestHashStays: the hash is in names of folders, and a run that is begun again finds what
// it wrote by it. It depends on what a field says, not on how it is kept.
func TestHashStays(t *testing.T) {
	r := &Record{
		Format: recordFormat, Version: recordVersion, Recording: "foo", Session: "20260301T200000Z",
		Start: time.Unix(1772395200, 0), End: time.Unix(1772395204, 0).UTC(),
		Slots: SlotColumns{Seq: []int64{0, 1}, StartNS: []int64{0, 2e9}, DurationNS: []int64{2e9, 2e9}},
		Renditions: []RenditionRecord{{
			Name: "720p", Output: "720p", Slot: []int{0, 1}, Source: []timeline.Source{timeline.FromProbe, timeline.FromKey},
			ObjectColumns: ObjectColumns{Store: []string{"s3://b/", "s3://b/"}, Key: []string{"foo/A/720p/0.ts", "foo/A/720p/1.ts"}, ETag: []string{"a", "b"}, Size: []int64{7, 8}, Seen: []int64{1, 2}},
		}},
	}
	if got, want := canonicalOf(r), "f5b5e31b6b16986e58ed87b4ae3941f440e313cd6fd343912272f1975be13cac"; got != want {
		t.Errorf("the hash is %s, was %s", got, want)
	}
	r.Renditions[0].Held, r.Dropped.Kept = nil, []string{}
	r.Start = r.Start.In(time.FixedZone("", 3600))
	if got, want := canonicalOf(*r), canonicalOf(r); got != want {
		t.Errorf("what is kept in another way has the hash %s, not %s", got, want)
	}
}
