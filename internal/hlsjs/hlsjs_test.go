package hlsjs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"os"
	"testing"
)

func TestScript(t *testing.T) {
	if sum := sha256.Sum256(Script); hex.EncodeToString(sum[:]) != Sum {
		t.Errorf("hls.min.js is not that of %s: its SHA-256 is %x", Version, sum)
	}
	if !bytes.Contains(Script, []byte(`"`+Version+`"`)) {
		t.Errorf("hls.min.js does not say that it is %s", Version)
	}
	licence, err := os.ReadFile("LICENSE")
	if err != nil || !bytes.Contains(licence, []byte("Apache License, Version 2.0")) {
		t.Errorf("its licence: %v, %.100q", err, licence)
	}
}
