package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// What the image consists of. The Dockerfile says the same, and a test compares
// the two.
const (
	programPath = "/recfin"
	certsPath   = "/etc/ssl/certs/ca-certificates.crt" // crypto/x509 looks here first
	user        = "65532:65532"                        // numeric, so that runAsNonRoot can be checked
)

// file is one file of the image.
type file struct {
	path string // absolute
	mode int64
	body []byte
}

// write makes an archive of an image with one layer for each file, in this order.
func write(to, tag, arch string, files []file) error {
	ref, err := name.NewTag(tag)
	if err != nil {
		return err
	}
	image := empty.Image
	for _, f := range files {
		layer, err := f.layer()
		if err != nil {
			return err
		}
		if image, err = mutate.AppendLayers(image, layer); err != nil {
			return fmt.Errorf("add %s: %w", f.path, err)
		}
	}
	config, err := image.ConfigFile()
	if err != nil {
		return err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", arch
	config.Config = v1.Config{User: user, Entrypoint: []string{programPath}, WorkingDir: "/"}
	if image, err = mutate.ConfigFile(image, config); err != nil {
		return err
	}
	if err := tarball.WriteToFile(to, ref, image); err != nil {
		return fmt.Errorf("write %s: %w", to, err)
	}
	return nil
}

// layer is a file and the folders that lead to it.
func (f file) layer() (v1.Layer, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i, c := range f.path {
		if c != '/' || i == 0 {
			continue
		}
		if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: f.path[1:i] + "/", Mode: 0o755}); err != nil {
			return nil, err
		}
	}
	if err := w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: f.path[1:], Mode: f.mode, Size: int64(len(f.body))}); err != nil {
		return nil, err
	}
	if _, err := w.Write(f.body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil })
}

// list reads an archive and prints what is in it and how it is started.
func list(archive string, out io.Writer) error {
	image, err := tarball.ImageFromPath(archive, nil)
	if err != nil {
		return fmt.Errorf("read %s: %w", archive, err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %s/%s, user %s, entrypoint %s\n", path.Base(archive), config.OS, config.Architecture, config.Config.User, strings.Join(config.Config.Entrypoint, " "))
	contents, err := unpack(image)
	if err != nil {
		return err
	}
	slices.SortFunc(contents, func(a, b file) int { return strings.Compare(a.path, b.path) })
	for _, f := range contents {
		note := ""
		if n := bytes.Count(f.body, []byte("BEGIN CERTIFICATE")); n > 0 && f.path == certsPath {
			note = fmt.Sprintf("  %d certificates", n)
		}
		fmt.Fprintf(out, "  %04o  %10d  %s%s\n", f.mode, len(f.body), f.path, note)
	}
	return nil
}

// unpack gives the files of an image, and the folders as files without a body.
func unpack(image v1.Image) ([]file, error) {
	stream := mutate.Extract(image)
	defer stream.Close()
	var all []file
	for r := tar.NewReader(stream); ; {
		h, err := r.Next()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return nil, fmt.Errorf("read the layers: %w", err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", h.Name, err)
		}
		all = append(all, file{"/" + h.Name, h.Mode, body})
	}
}
