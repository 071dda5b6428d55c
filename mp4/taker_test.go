package mp4_test

import (
	"bytes"
	"errors"
	"testing"

	"recfin/mp4"
)

// keeper keeps the buffers themselves, and gives others full of rubbish.
type keeper struct {
	t     *testing.T
	taken [][]byte
	most  int // that are taken; then it fails
}

var errFull = errors.New("full")

func (k *keeper) Write([]byte) (int, error) {
	k.t.Fatal("written instead of taken")
	return 0, nil
}

func (k *keeper) Take(p []byte) ([]byte, error) {
	if len(k.taken) == k.most {
		return nil, errFull
	}
	k.taken = append(k.taken, p)
	return bytes.Repeat([]byte{0xee}, len(k.taken)*100), nil
}

// What a taker keeps is what a writer is given, and nobody writes to it again.
func TestTaker(t *testing.T) {
	var want bytes.Buffer
	wantHead, err := simple(t, &want).Finish(0)
	if err != nil {
		t.Fatal(err)
	}
	k := &keeper{t: t, most: 100}
	head, err := simple(t, k).Finish(0)
	if err != nil {
		t.Fatal(err)
	}
	got := bytes.Join(k.taken, nil)
	if len(k.taken) < 4 {
		t.Errorf("only %d chunks", len(k.taken))
	}
	if !bytes.Equal(join(head, got).bytes(t), join(wantHead, want.Bytes()).bytes(t)) {
		t.Error("the files differ")
	}
}

func TestTakerFails(t *testing.T) {
	m := simple(t, &keeper{t: t, most: 2})
	for range 2 { // for good
		if _, err := m.Finish(0); !errors.Is(err, errFull) {
			t.Errorf("finish: %v, want what the taker said", err)
		}
	}
	if err := m.Write(0, &mp4.Sample{}); !errors.Is(err, errFull) {
		t.Errorf("write: %v, want what the taker said", err)
	}
}
