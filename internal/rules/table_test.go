package rules

// rules are those of the commit and of deleting, see package finalize. An old text
// that is not there any more is to be found anew: the rule stands elsewhere.
var rules = []rule{
	{
		name: "the marker is replaced with If-Match", protects: "a commit of a rival is overwritten and lost", quick: true,
		edits: []edit{{"commit.go", "opt.IfAbsent, opt.IfMatch = false, c.object.ETag", "opt.IfAbsent = false"}},
	}, {
		name: "the first marker is put with If-None-Match", protects: "the first commit of a rival is overwritten and lost",
		edits: []edit{{"commit.go", `opt := store.PutOptions{IfAbsent: true, ContentType: "application/json"`, `opt := store.PutOptions{ContentType: "application/json"`}},
	}, {
		name: "everything is listed again before the commit", protects: "playlists name what was overwritten while they were written",
		edits: []edit{{"publish.go", "fresh = false", "fresh = true"}},
	}, {
		name: "what is condemned is never chosen", protects: "a session rests on what is about to be deleted",
		edits: []edit{{"collect.go", "if l.Committed.condemns(o) {", "if false {"}},
	}, {
		name: "a version has a number that was never used", protects: "one name has two meanings",
		edits: []edit{{"publish.go", "n = s.Replaces.Highest + 1", "n = s.Replaces.Highest"}},
	}, {
		name: "the numbers of condemned versions count as used", protects: "what is being deleted is written anew under the same name",
		edits: []edit{{"publish.go", "n = max(n, v.N+1)", "_ = v"}},
	}, {
		name: "what is written is read back", protects: "a spoilt list or playlist is committed",
		edits: []edit{{"publish.go", "case ok && string(there) == string(body):", "case ok && (putErr == nil || len(there) == 0):"}},
	}, {
		name: "doors are put with If-Match", protects: "a stalled writer leads players back to a version that is deleted",
		edits: []edit{{"doors.go", "IfAbsent: !there.ok, IfMatch: there.etag, ", ""}},
	}, {
		name: "the marker is read behind the doors", protects: "an old marker overwrites the door of a newer one",
		edits: []edit{{"doors.go", "m = now.marker", "_ = now.marker"}},
	}, {
		name: "a run finishes the doors of the last swap", protects: "a door leads to a version that is deleted",
		edits: []edit{{"run.go", "return j.finishDoors(ctx, l.Committed)", "return nil"}},
	}, {
		name: "a swap is followed by its doors", protects: "a door leads to a version that is deleted",
		edits: []edit{{"commit.go", "return receipt, j.finishDoors(ctx, c)", "return receipt, nil"}},
	}, {
		name: "what a playlist of others names is not condemned", protects: "a copy that somebody plays is condemned",
		edits: []edit{{"condemn.go", "lost = without(lost, named)", "_ = named"}},
	}, {
		name: "a session is settled before anything of it is condemned", protects: "copies of a session on air are condemned",
		edits: []edit{{"condemn.go", "if rec == nil || j.report.now.Before(p.settledAt(rec, j.f.cfg.settleAfter())) {", "if rec == nil {"}},
	}, {
		name: "force never condemns", protects: "copies of a session on air are condemned",
		edits: []edit{{"condemn.go", "if rec == nil || j.report.now.Before(p.settledAt(rec, j.f.cfg.settleAfter())) {", "if rec == nil || !j.f.cfg.Force && j.report.now.Before(p.settledAt(rec, j.f.cfg.settleAfter())) {"}},
	}, {
		name: "a committed session only grows", protects: "a changed setting takes segments out of the archive", quick: true,
		edits: []edit{{"decide.go", "if !chosen[row] && !replaced[row] {", "if false {"}},
	}, {
		name: "the lists that the marker vouches for stay", protects: "the marker lies: what it names is deleted",
		edits: []edit{{"condemn.go", "lists[dir.version(c.Session, c.Version)+c.File] = true", "_ = c"}},
	}, {
		name: "condemned is for ever", protects: "an object is condemned by one marker and not by the next",
		edits: []edit{{"commit.go", "next = c.next()", "next = c.next()\n\t\tif len(next.Condemned) > 1 {\n\t\t\tnext.Condemned = next.Condemned[1:]\n\t\t}"}},
	}, {
		name: "the upload time is of the identity of what is condemned", protects: "the same bytes uploaded anew are not seen for ever",
		edits: []edit{{"committed.go", "return ok && !o.Modified.After(d.Modified)", "return ok"}},
	}, {
		name: "only a version that this run wrote and that stands is committed", protects: "files that a rival condemned are committed",
		edits: []edit{{"publish.go", "if p.committed.condemns(o.object()) {", "if false {"}},
	}, {
		name: "a session that another rests on is no leftover", protects: "a chosen segment is condemned",
		edits: []edit{{"condemn.go", "d.Strong() && !keep[id] && ", "d.Strong() && "}},
	},
}
