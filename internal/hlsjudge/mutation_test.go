package hlsjudge_test

import (
	"context"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"recfin/finalize"
	"recfin/internal/hlscases"
	"recfin/internal/hlsjudge"
	"recfin/store"
	"recfin/store/mem"
)

// mutation breaks one rule in what the pipeline wrote of a case.
type mutation struct {
	name string
	base string // name of a case of hlscases
	file string // "index.m3u8" for the door, or of a playlist in the version
	edit edit
	rule string // what the judge must name
	// verify is what recfin verify must name, beside that the object is not the one that
	// it finalized.
	verify string
}

// edit makes another text of a playlist; where there is nothing to do it returns
// the same, which fails the test.
type edit func(string) string

// swap replaces the first occurrence.
func swap(before, after string) edit { return nth(1, before, after) }

// nth replaces the occurrence with a number, from 1.
func nth(n int, before, after string) edit {
	return func(text string) string {
		parts := strings.Split(text, before)
		if len(parts) <= n {
			return text
		}
		return strings.Join(parts[:n], before) + after + strings.Join(parts[n:], before)
	}
}

// match replaces the match of an expression with a number, from 1.
func match(n int, expression, after string) edit {
	r := regexp.MustCompile(expression)
	return func(text string) string {
		all := r.FindAllStringSubmatchIndex(text, n)
		if len(all) < n {
			return text
		}
		at := all[n-1]
		return text[:at[0]] + string(r.ExpandString(nil, after, text, at)) + text[at[1]:]
	}
}

// drop leaves out the line with a number, from 1, among those that begin so.
func drop(n int, prefix string) edit {
	return match(n, `(?m)^`+regexp.QuoteMeta(prefix)+`.*\n`, "")
}

// world is the finalized first session of a case.
type world struct {
	*hlscases.World
	Store *mem.Store // the one of the case, or a copy of it
	door  string
}

// finalized makes each case once.
func finalized(t *testing.T) func(name string) world {
	made := map[string]world{}
	return func(name string) world {
		if w, ok := made[name]; ok {
			return w
		}
		all := hlscases.All()
		i := slices.IndexFunc(all, func(c hlscases.Case) bool { return c.Name == name })
		if i < 0 {
			t.Fatalf("there is no case %q", name)
		}
		w := world{World: all[i].Lay(t)}
		w.Finalize(t)
		w.Store = w.World.Store
		w.door = w.Door(all[i].Sessions[0].ID)
		made[name] = w
		return w
	}
}

// playlist is the key of a playlist of the session.
func (w world) playlist(t *testing.T, file string) string {
	for key := range session(w.Store, w.door).Playlists {
		if key == w.door && file == path.Base(w.door) || strings.HasSuffix(key, "/"+file) && strings.Count(key[len(path.Dir(w.door)):], "/") == 2+strings.Count(file, "/") {
			return key
		}
	}
	t.Fatalf("%s has no playlist %q", w.Name, file)
	return ""
}

// TestMutations: each broken rule is seen and named by the judge and by recfin
// verify, and neither has anything to say before.
func TestMutations(t *testing.T) {
	of := finalized(t)
	all := slices.Concat(textMutations, mediaMutations, rangeMutations, slotMutations, doorMutations, uriMutations)
	if len(all) < 50 {
		t.Fatalf("%d mutations", len(all))
	}
	for _, m := range all {
		t.Run(m.name, func(t *testing.T) {
			w := of(m.base)
			s := session(w.Store, w.door)
			key := w.playlist(t, m.file)
			before := s.Playlists[key]
			if right := hlsjudge.Judge(s); len(right) > 0 {
				t.Fatalf("before: %v", right)
			}
			s.Playlists[key] = m.edit(before)
			if s.Playlists[key] == before {
				t.Fatal("nothing is changed")
			}
			named(t, hlsjudge.Judge(s), m.rule)
			w.Store = w.Store.Clone()
			w.Store.Set(key, []byte(s.Playlists[key]), w.Store.Snapshot()[key].Modified, nil)
			verified(t, w, m.verify)
		})
	}
}

// verified wants a rule among those that recfin verify finds broken.
func verified(t *testing.T, w world, rule string) {
	t.Helper()
	found := w.verify(t)
	if !slices.ContainsFunc(found, func(f finalize.Finding) bool { return f.Rule == rule }) {
		t.Errorf("recfin verify does not find %q: %v", rule, found)
	}
}

// verify is recfin verify.
func (w world) verify(t *testing.T) []finalize.Finding {
	t.Helper()
	cfg := w.Config
	cfg.Sources = []store.Store{w.Store}
	f, err := finalize.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	v, err := f.Verify(context.Background(), w.Recording, finalize.VerifyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return v.Findings
}

func named(t *testing.T, complaints []hlsjudge.Complaint, rule string) {
	t.Helper()
	if !slices.ContainsFunc(complaints, func(c hlsjudge.Complaint) bool { return c.Rule == rule }) {
		t.Errorf("nobody complains of %q: %v", rule, complaints)
	}
}

// objectMutations change what lies in the store beside the playlists.
var objectMutations = []struct {
	name, base string
	object     string // how its key ends
	size       int    // that it is cut to; 0 for gone
	rule       string
	verify     string
}{
	{"a segment is gone", "hole", "/480p/3.ts", 0, "promise: what is named is there", "reference-gone"},
	{"a segment is shorter", "hole", "/480p/3.ts", 1880, "§4.3.4.2", "reference-changed"},
	{"an init segment is gone", "group", "/A/360p/init.mp4", 0, "promise: what is named is there", "reference-gone"},
	{"the media object is shorter", "single", "720p.media.m4s", 5000, "§4.3.2.2", "reference-range"},
	{"a playlist is gone", "group", "/english.m3u8", 0, "promise: what is named is there", "output-gone"},
}

// TestObjectMutations: playlists are right, and the store is not.
func TestObjectMutations(t *testing.T) {
	of := finalized(t)
	for _, m := range objectMutations {
		t.Run(m.name, func(t *testing.T) {
			w := of(m.base)
			w.Store = w.Store.Clone()
			key := ending(t, w.Store, m.object)
			was := w.Store.Snapshot()[key]
			if m.size > 0 {
				w.Store.Set(key, was.Body[:m.size], was.Modified, nil)
			} else {
				info, err := w.Store.Head(context.Background(), key)
				if err != nil {
					t.Fatal(err)
				}
				for _, err := range w.Store.Delete(context.Background(), []store.Object{info.Object}, store.DeleteOptions{}) {
					if err != nil {
						t.Fatal(err)
					}
				}
			}
			named(t, hlsjudge.Judge(session(w.Store, w.door)), m.rule)
			verified(t, w, m.verify)
		})
	}
}

// ending is the one key of a store that ends so.
func ending(t *testing.T, s *mem.Store, suffix string) string {
	var found []string
	for key := range s.Snapshot() {
		if strings.HasSuffix(key, suffix) {
			found = append(found, key)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%q: %q", suffix, found)
	}
	return found[0]
}
