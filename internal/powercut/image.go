package powercut

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"time"
)

// Variant is what may be on the disk after a power cut. See the package.
type Variant int

// The variants.
const (
	Nothing Variant = iota
	Names
	Zeros
	Garbage
	Added
	Removed
	Ordered
	Everything
	Sample
)

// Variants are all of them.
var Variants = []Variant{Nothing, Names, Zeros, Garbage, Added, Removed, Ordered, Everything, Sample}

func (v Variant) String() string {
	return [...]string{"nothing", "names", "zeros", "garbage", "added", "removed", "ordered", "everything", "sample"}[v]
}

// page is how much of a file survives or does not.
const page = 4096

// Image is what one disk may hold after a power cut.
type Image struct {
	Variant Variant
	Seed    uint64
	entries []entry // a folder before what it holds
}

type entry struct {
	name     string
	folder   bool
	data     []byte
	modified time.Time
}

func (i Image) String() string { return fmt.Sprintf("%q with seed %d", i.Variant, i.Seed) }

// Images gives what the disk may hold if the power is cut now: of each variant
// one image, of those that depend on a seed as many as samples, none of them
// twice. The same samples give the same images.
func (f *FS) Images(samples int) []Image {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []Image
	seen := map[string]bool{}
	for _, v := range Variants {
		for seed := range uint64(samples) {
			if seed > 0 && v != Sample && v != Ordered {
				break
			}
			image := Image{Variant: v, Seed: seed, entries: f.paint(v, seed)}
			if d := image.digest(); !seen[d] {
				seen[d] = true
				all = append(all, image)
			}
		}
	}
	return all
}

func (f *FS) paint(v Variant, seed uint64) (all []entry) {
	p := painter{v: v, rnd: rand.New(rand.NewPCG(seed, uint64(v)))}
	names := p.names(f.log)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !reachable(names, name) {
			continue
		}
		e := entry{name: name, folder: names[name].folder}
		if !e.folder {
			e.data, e.modified = p.contents(names[name])
		}
		all = append(all, e)
	}
	return all
}

func (i Image) digest() string {
	h := sha256.New()
	for _, e := range i.entries {
		fmt.Fprintf(h, "%q %v %d %d\n", e.name, e.folder, len(e.data), e.modified.UnixNano())
		h.Write(e.data)
	}
	return string(h.Sum(nil))
}

// Lay lays the image out in the folder dir, which must be empty.
func (i Image) Lay(dir string) error {
	for _, e := range i.entries {
		if err := e.lay(filepath.Join(dir, filepath.FromSlash(e.name))); err != nil {
			return fmt.Errorf("lay out %s: %w", e.name, err)
		}
	}
	return nil
}

func (e entry) lay(name string) error {
	if e.folder {
		return os.Mkdir(name, 0o777)
	}
	if err := os.WriteFile(name, e.data, 0o666); err != nil {
		return err
	}
	return os.Chtimes(name, time.Time{}, e.modified)
}

type painter struct {
	v   Variant
	rnd *rand.Rand
}

// names replays the changes that survive.
func (p *painter) names(log []change) map[string]*inode {
	cut := len(log)
	if p.v == Ordered { // one journal: what stands before a change that is there is there
		first := 0
		for i, c := range log {
			if c.durable {
				first = i + 1
			}
		}
		cut = first + p.rnd.IntN(len(log)-first+1)
	}
	all := map[string]*inode{}
	for i, c := range log {
		if !c.durable && !p.survives(c, i < cut) {
			continue
		}
		if c.node == nil {
			delete(all, c.name)
		} else {
			all[c.name] = c.node
		}
	}
	return all
}

func (p *painter) survives(c change, beforeCut bool) bool {
	switch p.v {
	case Nothing:
		return false
	case Added:
		return c.node != nil
	case Removed:
		return c.node == nil
	case Ordered:
		return beforeCut
	case Sample:
		return p.rnd.IntN(2) == 0
	}
	return true
}

// reachable reports whether all folders above a name are there.
func reachable(names map[string]*inode, name string) bool {
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		if n := names[dir]; n == nil || !n.folder {
			return false
		}
	}
	return true
}

// contents is what survives of a file.
func (p *painter) contents(n *inode) ([]byte, time.Time) {
	if !n.dirty && !n.lost {
		return n.synced, n.syncedTime
	}
	at := n.modified
	switch p.v {
	case Nothing, Removed:
		if n.synced != nil {
			at = n.syncedTime
		}
		return n.synced, at
	case Names:
		return n.synced, at
	case Zeros:
		return p.pages(n, func([]byte) bool { return false }), at
	case Garbage:
		return p.pages(n, func(b []byte) bool {
			for i := range b {
				b[i] = byte(p.rnd.Uint32())
			}
			return false
		}), at
	case Sample:
		data := p.pages(n, func([]byte) bool { return p.rnd.IntN(2) == 0 })
		if p.rnd.IntN(4) == 0 {
			data = data[:p.rnd.IntN(len(data)+1)]
		}
		if n.synced != nil && p.rnd.IntN(2) == 0 {
			at = n.syncedTime
		}
		return data, at
	}
	return n.data, at
}

// pages gives the file with its pages that changed since the sync as they were
// then, zero where nothing was, unless keep says that one survived.
func (p *painter) pages(n *inode, keep func(page []byte) bool) []byte {
	out := make([]byte, len(n.data))
	copy(out, n.synced)
	for lo := 0; lo < len(out); lo += page {
		hi := min(lo+page, len(out))
		now := n.data[lo:hi]
		if !bytes.Equal(now, out[lo:hi]) && keep(out[lo:hi]) {
			copy(out[lo:hi], now)
		}
	}
	return out
}

// Check compares the account with the folder: a difference means that the store
// did something that it was not seen to do.
func (f *FS) Check() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	seen := 0
	err := filepath.WalkDir(f.root, func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == f.root {
			return err
		}
		rel, err := filepath.Rel(f.root, name)
		if err != nil {
			return err
		}
		n := f.names[filepath.ToSlash(rel)]
		if n == nil || n.folder != d.IsDir() {
			return fmt.Errorf("%s is there, unseen", rel)
		}
		seen++
		there, err := f.read(name, d)
		if err == nil && !n.folder && (!bytes.Equal(there.data, n.data) || !there.modified.Equal(n.modified)) {
			err = fmt.Errorf("%s was changed, unseen", rel)
		}
		return err
	})
	if err == nil && seen != len(f.names) {
		err = errors.New("something is gone, unseen")
	}
	return err
}
