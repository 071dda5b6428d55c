// Package condemn puts a set into the marker of a finalized recording, as a commit
// would, so that tests have as much to delete as they want without media to make it
// of. It knows the forms of the marker and of the list from their documentation
// alone.
package condemn

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"recfin/store"
)

// Set condemns objects of the first session of a recording, whose marker lies
// below folder ("recordings/foo/"). kind is "leftovers", "outputs" or "sources".
func Set(ctx context.Context, s store.Store, folder, kind string, objects []store.Object) error {
	raw, err := get(ctx, s, folder+"recording.json")
	if err != nil {
		return err
	}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil {
		return fmt.Errorf("marker: %w", err)
	}
	var known struct {
		Generation int64
		Sessions   []struct{ ID, Version string }
	}
	if err := json.Unmarshal(raw, &known); err != nil || len(known.Sessions) == 0 {
		return fmt.Errorf("marker without a session: %w", err)
	}
	list, total, err := listOf(objects)
	if err != nil {
		return err
	}
	first, file := known.Sessions[0], kind+"-"+sum(list)[:16]+".json.gz"
	sets, _ := m["condemned"].([]any)
	m["condemned"] = append(sets, map[string]any{
		"session": first.ID, "version": first.Version, "kind": kind, "file": file, "sha256": sum(list), "objects": len(objects), "bytes": total,
	})
	m["generation"], m["predecessor"] = known.Generation+1, sum(raw)
	next, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if _, err := s.Put(ctx, folder+first.ID+"/"+first.Version+"/"+file, list, store.PutOptions{}); err != nil {
		return err
	}
	_, err = s.Put(ctx, folder+"recording.json", next, store.PutOptions{})
	return err
}

// listOf is the list of a set, and how many bytes its objects have.
func listOf(objects []store.Object) ([]byte, int64, error) {
	none := make([]string, len(objects))
	var label, key, etag []string
	var size, seen []int64
	total := int64(0)
	for _, o := range objects {
		label, key, etag = append(label, o.Store), append(key, o.Key), append(etag, o.ETag)
		size, seen = append(size, o.Size), append(seen, o.Modified.UnixNano())
		total += o.Size
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	err := json.NewEncoder(z).Encode(map[string]any{
		"format": "recfin/condemned", "version": 1,
		"store": label, "key": key, "etag": etag, "size": size, "uploaded_ns": seen,
		"reason": none, "kept": none, "kept_store": none, "kept_etag": none, "kept_size": make([]int64, len(objects)),
	})
	if err == nil {
		err = z.Close()
	}
	return b.Bytes(), total, err
}

func get(ctx context.Context, s store.Store, key string) ([]byte, error) {
	body, err := s.Get(ctx, key, store.Whole, store.GetOptions{})
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(body)
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}
