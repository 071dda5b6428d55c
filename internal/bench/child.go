package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"sync"

	"recfin/store"
	"recfin/store/open"
)

// The parts of this program that run as processes of their own, so that they can
// be measured as the other contenders are, or so that their memory is not that of
// the process that measures. The first argument names one.
var children = map[string]func(ctx context.Context, args []string) error{
	"fill": fill, "download": download, "upload": upload, "proxy": proxy,
}

// inFlight is how many requests of fill and download are under way: as many as
// those of the tuned rclone.
const inFlight = 16

// fill puts the files of a folder into a store, under their paths.
func fill(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errors.New("fill STORE FOLDER")
	}
	to, err := open.URL(ctx, args[0])
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(args[1])
	if err != nil {
		return err
	}
	defer root.Close()
	files, err := filepath.Glob(filepath.Join(args[1], recording, "*", "*", "*.ts"))
	if err != nil {
		return err
	}
	return each(files, func(file string) error {
		body, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(args[1], file)
		if err != nil {
			return err
		}
		_, err = to.Put(ctx, filepath.ToSlash(rel), body, store.PutOptions{ContentType: "video/mp2t"})
		return err
	})
}

// download reads all objects of a store to nowhere.
func download(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("download STORE")
	}
	from, err := open.URL(ctx, args[0])
	if err != nil {
		return err
	}
	var all []store.Object
	for o, err := range from.List(ctx, "") {
		if err != nil {
			return err
		}
		all = append(all, o)
	}
	return each(all, func(o store.Object) error {
		body, err := from.Get(ctx, o.Key, store.Whole, store.Pinned(o))
		if err != nil {
			return err
		}
		defer body.Close()
		n, err := io.Copy(io.Discard, body)
		if err == nil && n != o.Size {
			err = fmt.Errorf("%s: %d of %d bytes", o.Key, n, o.Size)
		}
		return err
	})
}

// each calls do for all items, inFlight at a time, until one fails.
func each[T any](items []T, do func(T) error) error {
	var group sync.WaitGroup
	queue, failed := make(chan T), make(chan error, inFlight)
	for range inFlight {
		group.Go(func() {
			for item := range queue {
				if err := do(item); err != nil {
					failed <- err
					return
				}
			}
		})
	}
	var err error
	for _, item := range items {
		select {
		case queue <- item:
			continue
		case err = <-failed:
		}
		break
	}
	close(queue)
	group.Wait()
	close(failed)
	return errors.Join(err, <-failed)
}

// upload writes one object of as many bytes, in one pass.
func upload(ctx context.Context, args []string) error {
	var size int64
	if len(args) != 2 {
		return errors.New("upload STORE BYTES")
	}
	if _, err := fmt.Sscan(args[1], &size); err != nil {
		return err
	}
	to, err := open.URL(ctx, args[0])
	if err != nil {
		return err
	}
	// The client sends less of what a store does not check, once it has seen that.
	if _, err := store.Detect(ctx, to, ""); err != nil {
		return err
	}
	up, err := to.Create(ctx, path.Join("up", "load.mp4"), store.CreateOptions{SizeHint: size})
	if err != nil {
		return err
	}
	defer up.Abort()
	block := noise(1 << 20)
	for left := size; left > 0; {
		n, err := up.Write(block[:min(left, int64(len(block)))])
		if err != nil {
			return err
		}
		left -= int64(n)
	}
	_, err = up.Commit(ctx, noHead{})
	return err
}

// noise are bytes that nothing can compress, the same each time.
func noise(n int) []byte {
	block := make([]byte, n)
	x := uint64(1)
	for i := range block {
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		block[i] = byte(x)
	}
	return block
}

// noHead is the head of an object that needs none.
type noHead struct{}

func (noHead) Size() int64                       { return 0 }
func (noHead) ReadAt([]byte, int64) (int, error) { return 0, io.EOF }
