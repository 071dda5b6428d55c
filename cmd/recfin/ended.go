package main

import (
	"errors"
	"slices"

	"recfin/finalize"
)

// ended is what a command keeps of a report until all is done: what decides its exit code,
// and no more. A plan may name 100,000 segments, and there may be 100,000 recordings.
type ended struct {
	there     bool // else nothing is to be said of it
	recording string
	err       error
	status    finalize.Status
	kept      int  // objects that should have been deleted and were not
	short     bool // something of it could not be made or used
}

// endOf is what is kept of a report.
func endOf(r *finalize.Report) ended {
	e := ended{there: true, recording: r.Recording, err: r.Err, status: r.Status(), short: r.Incomplete()}
	for _, k := range r.Kept {
		if k.Failed {
			e.kept++
		}
	}
	return e
}

// partOf is the recording that a name turned out to be a part of.
func partOf(err error) string {
	var claimed *finalize.ClaimedError
	if errors.As(err, &claimed) && !errors.Is(err, finalize.ErrRefused) {
		return claimed.As
	}
	return ""
}

// partsOf are the names that turned out to be parts of other recordings, in their order,
// and the recordings that they are parts of.
func partsOf(all []ended) (parts []string, of map[string]string) {
	of = map[string]string{}
	for i := range all {
		if as := partOf(all[i].err); as != "" {
			parts, of[all[i].recording] = append(parts, all[i].recording), as
		}
	}
	return parts, of
}

// wholes are the recordings that names turned out to be parts of, each once, and
// without those that were worked on under their own name.
func wholes(all []ended) []string {
	var found []string
	for i := range all {
		if as := partOf(all[i].err); as != "" {
			found = append(found, as)
		}
	}
	if len(found) == 0 {
		return nil
	}
	worked := map[string]bool{}
	for i := range all {
		if partOf(all[i].err) == "" {
			worked[all[i].recording] = true
		}
	}
	return slices.DeleteFunc(distinct(found), func(as string) bool { return worked[as] })
}

// stray reports whether a folder that was found holds no recording: other files
// lie beside the recordings, outputs of an earlier --out among them.
func stray(err error) bool {
	return errors.Is(err, finalize.ErrNoMatch) || errors.Is(err, finalize.ErrNothing)
}

// noMatch is the error of a folder that was found and holds keys of unknown form
// only.
func noMatch(all []ended) error {
	for i := range all {
		if errors.Is(all[i].err, finalize.ErrNoMatch) {
			return all[i].err
		}
	}
	return nil
}
