package schemas

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"recfin/finalize"
	"recfin/internal/demo"
	"recfin/store"
	"recfin/store/file"
)

// TestDemo: what is written and said of the demo's broadcast in each mode, before and
// after, is as the schemas say.
func TestDemo(t *testing.T) {
	for _, mode := range []string{"reference", "copy", "single"} {
		t.Run(mode, func(t *testing.T) {
			dir := t.TempDir()
			if _, err := demo.Write(dir); err != nil {
				t.Fatal(err)
			}
			s, err := file.New(dir)
			if err != nil {
				t.Fatal(err)
			}
			layouts, err := finalize.ParseLayouts([]string{"nonce"}, nil)
			if err != nil {
				t.Fatal(err)
			}
			hls, err := finalize.ParseHLSMode(mode)
			if err != nil {
				t.Fatal(err)
			}
			cfg := finalize.Config{
				Sources: []store.Store{s}, Out: s, OutPath: finalize.DefaultOutPath, Layouts: layouts, HLS: hls,
				Formats: finalize.Formats{HLS: true, MP4: true}, MaxDeletePercent: 60, Delete: finalize.DeleteLeftovers, DeleteDelay: 24 * time.Hour,
				SessionGap: 15 * time.Minute, Settle: 30 * time.Minute,
			}
			f, err := finalize.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			ctx := context.Background()
			before, err := f.Plan(ctx, demo.Recording)
			if err != nil {
				t.Fatal(err)
			}
			CheckJSON(t, "plan", before.PlanJSON())
			for _, key := range []string{"demo/A/180p/9.ts", "demo/B/180p/9.ts", "demo/A/180p/10.ts", "demo/notes.txt"} {
				all := before.Explain(key)
				if len(all) != 1 {
					t.Errorf("%s: %+v", key, all)
				}
				CheckJSON(t, "explain", all[0])
			}
			r, err := f.Run(ctx, demo.Recording)
			if err != nil || len(r.Committed) != 1 || r.Due == nil {
				t.Fatalf("%v: %+v", err, r)
			}
			CheckJSON(t, "report", r.JSON())
			if r, err = f.Run(ctx, demo.Recording); err != nil || len(r.Committed) > 0 {
				t.Fatalf("again: %v: %+v", err, r)
			}
			CheckJSON(t, "report", r.JSON())
			stands, err := f.Standing(ctx, demo.Recording)
			if err != nil || len(stands.Due) != 1 {
				t.Fatalf("%v: %+v", err, stands)
			}
			CheckJSON(t, "list", stands.JSON())
			_, err = f.Standing(ctx, "nobody")
			if err == nil {
				t.Fatal("nobody stands")
			}
			CheckJSON(t, "list", finalize.UnlistedJSON("nobody", err))
			written(t, dir)
			verified(t, f, dir)
		})
	}
}

// written holds the marker and the record.
func written(t *testing.T, dir string) {
	t.Helper()
	marker, err := os.ReadFile(filepath.Join(dir, "recordings", "demo", "recording.json"))
	if err != nil {
		t.Fatal(err)
	}
	Check(t, "recording", marker)
	records, err := filepath.Glob(filepath.Join(dir, "recordings", "demo", "*", "*", "segments.json.gz"))
	if err != nil || len(records) != 1 {
		t.Fatal(records, err)
	}
	raw, err := os.ReadFile(records[0])
	if err != nil {
		t.Fatal(err)
	}
	CheckZipped(t, "segments", raw)
}

// verified reads the recording back, whole and with an output that is gone.
func verified(t *testing.T, f *finalize.Finalizer, dir string) {
	t.Helper()
	for _, opt := range []finalize.VerifyOptions{{}, {Deep: true}} {
		v, err := f.Verify(context.Background(), demo.Recording, opt)
		if err != nil || v.Status() != finalize.StatusSound {
			t.Fatalf("%v: %+v", err, v)
		}
		CheckJSON(t, "verify", v.JSON())
	}
	movies, err := filepath.Glob(filepath.Join(dir, "recordings", "demo", "*", "*", "*.mp4"))
	if err != nil || len(movies) != 1 {
		t.Fatal(movies, err)
	}
	if err := os.Remove(movies[0]); err != nil {
		t.Fatal(err)
	}
	v, err := f.Verify(context.Background(), demo.Recording, finalize.VerifyOptions{})
	if err != nil || len(v.Findings) == 0 {
		t.Fatalf("%v: %+v", err, v)
	}
	CheckJSON(t, "verify", v.JSON())
	CheckJSON(t, "verify", finalize.UnreadJSON("nobody", finalize.VerifyOptions{}, os.ErrNotExist))
}
