package main

import (
	"bytes"
	"debug/elf"
	"encoding/pem"
	"errors"
	"fmt"
	"os"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// roots are the certificates that Mozilla trusts for servers, in the form that Go
// reads. One that is trusted only under conditions, which that form cannot hold,
// is left out.
func roots() []byte {
	var b bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			b.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}))
		}
	}
	return b.Bytes()
}

// readStatic reads a program that needs nothing but the kernel. Any other could
// not be started in an image without libraries.
func readStatic(path string) ([]byte, error) {
	if path == "" {
		return nil, errors.New("give the program with -binary")
	}
	program, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		return nil, fmt.Errorf("%s is no program for Linux: %w", path, err)
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			return nil, fmt.Errorf("%s needs a dynamic loader: build it with CGO_ENABLED=0", path)
		}
	}
	if libs, err := f.ImportedLibraries(); err == nil && len(libs) > 0 {
		return nil, fmt.Errorf("%s needs %v: build it with CGO_ENABLED=0", path, libs)
	}
	return program, nil
}
