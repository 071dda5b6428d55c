package s3

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"recfin/store"
	"recfin/store/storetest/s3double"
)

// TestStopped: whoever gives a large object up while a request of it is under way
// leaves no upload behind, also where that request was to open it.
func TestStopped(t *testing.T) {
	for _, op := range []string{"CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"} {
		d, tune := newDouble(t), quick()
		s := connect(t, d, tune)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		d.Hook(func(x *s3double.Exchange) bool {
			if x.Op == op {
				stop()
			}
			return false
		})
		u, err := s.Create(ctx, "k", store.CreateOptions{PutOptions: store.PutOptions{IfAbsent: true}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err = u.Write(bytes.Repeat([]byte("x"), int(4*tune.minPart))); err == nil {
			_, err = u.Commit(ctx, bytes.NewReader(nil))
		}
		aborted := u.Abort()
		body, found := there(d, "k")
		switch {
		case op == "UploadPart" && d.Count("AbortMultipartUpload") != 2:
			t.Errorf("%s: aborted %d times: the store may have kept the part that was cut off", op, d.Count("AbortMultipartUpload"))
		case d.Count(op) == 0:
			t.Errorf("%s was not asked for", op)
		case aborted != nil || len(d.Uploads()) > 0:
			t.Errorf("%s: %v are left (%v)", op, d.Uploads(), aborted)
		case err == nil && len(body) != int(4*tune.minPart), errors.Is(err, context.Canceled) && found && op != "CompleteMultipartUpload":
			t.Errorf("%s: %v, and %d bytes are there", op, err, len(body))
		case err != nil && !errors.Is(err, context.Canceled):
			t.Errorf("%s: %v", op, err)
		}
	}
}

// TestRefusedPart: where the store has answered for every part, it is not busy with
// one behind the abort, and nobody waits to abort a second time.
func TestRefusedPart(t *testing.T) {
	d := newDouble(t)
	s := connect(t, d, quick())
	claim := store.PutOptions{CRC64: store.CRC64([]byte("others"))}
	u, err := s.Create(t.Context(), "k", store.CreateOptions{PutOptions: claim, Parts: true})
	if err == nil {
		_, err = u.Write([]byte("bytes"))
	}
	if err == nil {
		_, err = u.Commit(t.Context(), bytes.NewReader(nil))
	}
	if !errors.Is(err, store.ErrInvalid) || d.Count("UploadPart") != 1 {
		t.Fatalf("%v, %d parts", err, d.Count("UploadPart"))
	}
	if n := d.Count("AbortMultipartUpload"); n != 1 || len(d.Uploads()) != 0 {
		t.Errorf("aborted %d times, left %v", n, d.Uploads())
	}
}
