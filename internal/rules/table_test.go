package rules

// rules are those of the commit and of deleting, see package finalize. An old text
// that is not there any more is to be found anew: the rule stands elsewhere.
var rules = []rule{
	{
		name: "the marker is replaced with If-Match", protects: "a commit of a rival is overwritten and lost", quick: true,
		edits: []edit{{"opt.ContentType, opt.CacheControl = \"application/json\", brief", "opt.IfMatch, opt.ContentType, opt.CacheControl = \"\", \"application/json\", brief"}},
	}, {
		name: "the first marker is put with If-None-Match", protects: "the first commit of a rival is overwritten and lost",
		edits: []edit{{"opt := store.PutOptions{IfAbsent: true}\n\tif c != nil", "opt := store.PutOptions{}\n\tif c != nil"}},
	}, {
		name: "everything is listed again before the commit", protects: "playlists name what was overwritten while they were written",
		edits: []edit{{"fresh = false", "fresh = true"}},
	}, {
		name: "what is condemned is never chosen", protects: "a session rests on what is about to be deleted",
		edits: []edit{{"if l.Committed.condemns(*o) {", "if false {"}},
	}, {
		name: "a version has a number that was never used", protects: "one name has two meanings",
		edits: []edit{{"n = s.Replaces.Highest + 1", "n = s.Replaces.Highest"}},
	}, {
		name: "the numbers of condemned versions count as used", protects: "what is being deleted is written anew under the same name",
		edits: []edit{{"n = max(n, v.N+1)", "_ = v"}},
	}, {
		name: "what is written is read back", protects: "a spoilt list or playlist is committed",
		edits: []edit{{"case ok && string(there) == string(body):", "case ok && putErr == nil, ok && string(there) == string(body):"}},
	}, {
		name: "doors are put with If-Match", protects: "a stalled writer leads players back to an older version",
		quick: true,
		edits: []edit{{"opt.ContentType, opt.CacheControl = playlistType, brief", "opt = store.PutOptions{ContentType: playlistType, CacheControl: brief}"}},
	}, {
		name: "the marker is read behind the doors", protects: "an old marker overwrites the door of a newer one",
		edits: []edit{
			{"doors, unreadDoors := j.readDoors(ctx, next)\n", ""},
			{"receipt.committed = c\n", "receipt.committed = c\n\tdoors, unreadDoors := j.readDoors(ctx, next)\n"},
		},
	}, {
		name: "a run finishes the doors of the last swap", protects: "after a crash players never get the new version",
		edits: []edit{{"if err := j.finishDoors(ctx, l.Committed); err != nil {", "if err := error(nil); err != nil {"}},
	}, {
		name: "a swap is followed by its doors", protects: "players do not get what was committed",
		edits: []edit{{"return receipt, j.openDoors(ctx, c, doors)", "_ = doors\n\treturn receipt, nil"}},
	}, {
		name: "the files of a version stay while a door leads there", protects: "a door leads nowhere", by: "TestDoorsProtect",
		edits: []edit{{"!ok || l.doors[session+\"/\"+v.String()] {", "!ok || l.doors[session+v.String()] {"}},
	}, {
		name: "what a playlist of others names is not condemned", protects: "a copy that somebody plays is condemned",
		edits: []edit{{"lost = without(lost, named)", "_ = named"}},
	}, {
		name: "what a playlist of others names is not deleted", protects: "a copy that somebody plays is deleted",
		edits: []edit{{"case l.named.has(o.Key):", "case false:"}},
	}, {
		name: "a session is settled before anything of it is condemned", protects: "copies of a session on air are condemned",
		edits: []edit{{"if rec == nil || !j.f.cfg.Days.take(e.ID) || j.report.Now.Before(p.settledAt(rec, j.f.cfg.settleAfter())) {", "if rec == nil || !j.f.cfg.Days.take(e.ID) {"}},
	}, {
		name: "a session is settled before anything of it is deleted", protects: "copies of a session on air are deleted",
		edits: []edit{{"wait = wait || now.source.Before(settled)", "_ = now.source"}},
	}, {
		name: "force never condemns", protects: "copies of a session on air are condemned",
		edits: []edit{{"if rec == nil || !j.f.cfg.Days.take(e.ID) || j.report.Now.Before(p.settledAt(rec, j.f.cfg.settleAfter())) {", "if rec == nil || !j.f.cfg.Days.take(e.ID) || !j.f.cfg.Force && j.report.Now.Before(p.settledAt(rec, j.f.cfg.settleAfter())) {"}},
	}, {
		name: "force never deletes", protects: "copies of a session on air are deleted",
		edits: []edit{{"wait = wait || now.source.Before(settled)", "wait = wait || !j.f.cfg.Force && now.source.Before(settled)"}},
	}, {
		name: "--delete-delay is waited for", protects: "there is no time to object",
		edits: []edit{{"wait = since.IsZero() || now.out.Before(at)", "wait = false"}},
	}, {
		name: "the delay counts from the marker", protects: "an old recording has no delay",
		edits: []edit{{"since := r.committed.object.Modified", "since := r.committed.record[r.committed.marker.Sessions[0].ID].End"}},
	}, {
		name: "every later marker says since when a set is condemned", protects: "the delay counts from the wrong marker",
		edits: []edit{{"since := c.object.Modified", "since := c.record[c.marker.Sessions[0].ID].End"}},
	}, {
		name: "the place of what is deleted stands", protects: "the last copy of a segment is deleted",
		edits: []edit{{"if !l.there.holds(o.place) {", "if false && !l.there.holds(o.place) {"}},
	}, {
		name: "the store is listed again before each batch", protects: "it is deleted what was written since",
		edits: []edit{{"all, err = c.around(ctx, c.ground, c.members, wanted)", "all, err = c.ground.input, error(nil)"}},
	}, {
		name: "a store must honour conditions on deletes", protects: "what was written between listing and delete is deleted",
		edits: []edit{{"case !alone && !can.DeleteIfMatch && !can.Versioned:", "case !alone && !can.DeleteIfMatch && !can.Versioned && false:"}},
	}, {
		name: "a store must honour conditions on writes", protects: "a marker that was overwritten vouches for what is deleted", by: "TestNothingIsDeletedWithoutConditions",
		edits: []edit{{"case !alone && !(marker.CreateOnce && marker.Replace):", "case !alone && !(marker.CreateOnce && marker.Replace) && false:"}},
	}, {
		name: "a writer that starts over keeps its folder", protects: "it is deleted what is about to be written",
		edits: []edit{{"case c.restarted[folderOf(o.Object)]:", "case false:"}},
	}, {
		name: "the marker is read again before each batch", protects: "what somebody keeps is deleted",
		edits: []edit{{"if now == nil || !bytes.Equal(now.raw, c.r.committed.raw) {", "if now == nil && !bytes.Equal(nil, c.r.committed.raw) {"}},
	}, {
		name: "what somebody keeps is not deleted", protects: "what somebody keeps is deleted",
		edits: []edit{{"return !set.Kept && ", "return "}},
	}, {
		name: "no more than the ceiling goes", protects: "a wrong choice costs a recording", by: "TestDeleteLeftovers",
		edits: []edit{{"if bytes <= p.Listed/100*most+p.Listed%100*most/100 {", "if bytes >= 0 || most < 0 {"}},
	}, {
		name: "a committed session only grows", protects: "a changed setting takes segments out of the archive",
		edits: []edit{{"if !chosen[row] && !replaced[row] {", "if false {"}},
	}, {
		name: "a damaged recording is left as it is", protects: "damage is written over",
		edits: []edit{{"len(lost) > 0 {\n\t\td.damaged(lost)", "len(lost) > 1<<20 {\n\t\td.damaged(lost)"}},
	}, {
		name: "the lists that the marker vouches for stay", protects: "the marker lies: what it names is deleted",
		edits: []edit{{"lists[dir.version(c.Session, c.Version)+c.File] = true", "_ = c"}},
	}, {
		name: "condemned is for ever", protects: "an object is condemned by one marker and not by the next",
		edits: []edit{{"if c := p.committed; c != nil {\n\t\tnext = c.next()", "if c := p.committed; c != nil {\n\t\tnext = c.next()\n\t\tif len(next.Condemned) > 1 {\n\t\t\tnext.Condemned = next.Condemned[1:]\n\t\t}"}},
	}, {
		name: "who uploads the same bytes anew uploads another object", protects: "it is neither in a recording nor dropped",
		edits: []edit{{"return ok && !o.Modified.After(d.Modified)", "return ok || d.Size < 0"}},
	}, {
		name: "what was uploaded anew is not what was condemned", protects: "it is deleted",
		edits: []edit{{"return ok && !at.After(o.Modified)", "return ok || at.IsZero()"}},
	}, {
		name: "the body of a movie is proved before its sources go", protects: "sources go and the only copy is spoilt",
		edits: []edit{{"case got != want:\n\t\treturn", "case got != want && false:\n\t\treturn"}},
	}, {
		name: "what playlists name does not go as a source", protects: "playlists name what is deleted",
		edits: []edit{{"if rec.referenced() {", "if false {"}},
	}, {
		name: "a session keeps the mode of its playlists", protects: "segments go that playlists of a superseded version name", by: "TestModesInAnyOrder",
		edits: []edit{{"r.Settings.HLS = string(lastingMode(d.f.cfg.HLS, d.p.before(ps)...))", "_ = d.p.before(ps)"}},
	}, {
		name: "one media object holds what no byte was cut off of", protects: "the end of a segment is lost", by: "TestSourcesStayBesidePlaylists",
		edits: []edit{{"return c != nil && i < len(c.Offset) && (i >= len(c.Cut) || c.Cut[i] == 0)", "return c != nil && i < len(c.Offset)"}},
	}, {
		name: "no source is marked while a door leads astray", protects: "playlists that no marker names lead nowhere", by: "TestDoorsThatLeadAstray",
		edits: []edit{{"astray, err := d.j.astray(ctx, e, versions...)", "astray, err := d.j.astray(ctx, e, versions...)\n\t\tastray = false"}},
	}, {
		name: "no source goes while a door leads astray", protects: "playlists that no marker names lead nowhere", by: "TestDoorsThatLeadAstray",
		edits: []edit{{"case kind == condemnedSources && l.astray[o.set]:", "case false:"}},
	}, {
		name: "sources go only with --delete sources", protects: "a mode that keeps sources deletes them",
		edits: []edit{{"(set.Kind != condemnedSources || j.f.cfg.Delete == DeleteSources)", "(set.Kind != condemnedSources || j.f.cfg.Delete != \"\")"}},
	}, {
		name: "what was read is proved before it goes as a source", protects: "a byte that was spoilt on its way becomes the only one", by: "TestSourcesProof",
		edits: []edit{{"case got != sum:", "case got != sum && false:"}},
	},
}
