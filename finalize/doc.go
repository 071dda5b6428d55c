// Package finalize turns the segments that live broadcasters left in a store
// into finished recordings: it decides what a recording is, writes it once,
// proves it, and deletes what is left over.
//
// # The pipeline
//
// A segment goes one way, through one new type per stage:
//
//	store.Object ─collect→ Listing ─measure→ Measured ─plan→ Plan ─publish→ Receipt ─clean→ Report
//
// A stage takes only the type that the stage before it returns. Everything
// between collecting and publishing is pure, except measuring, which reads. A
// [Plan] is a value: publishing and cleaning do what it says and nothing else.
//
// # Where outputs go, and the commit
//
//	<out>/<recording>/recording.json          the marker: the only commit point
//	<out>/<recording>/<session>/index.m3u8    the door for players, a function of the marker
//	<out>/<recording>/<session>/<n>-<hash>/   a version: playlists, MP4s, segments.json.gz
//	<out>/.recfin/                            leases, probes and temporary files; never input
//
// The order is: read the marker, list, plan, write the version, read it back,
// list and plan again, swap the marker, read it back, write the doors. The hash
// of a version covers every object that the decision rests on, the decision and
// the settings, so a run after a crash finds its own files under the same name:
// it compares them byte for byte with what it would write and goes on. n is one
// above every number that the marker ever named for the session, be it to
// commit or to condemn, so no name ever has two meanings.
//
// The marker is swapped with If-None-Match (the first) or If-Match on the ETag
// that was read (every later one). After a conflict or a lost answer the marker
// is read: if it is ours, the swap was made; if not, everything is planned anew.
// What the marker condemns may be deleted, and that is for ever: a condemned
// object is never chosen again. So a run that wants an object and a run that
// deletes it meet at one swap, and one of them fails.
//
// # What lies beside the segments
//
// Sidecars (playlists, manifests, events of writers) are caches of durations,
// order and wall time, never the truth: what is listed exists. Only those are read
// that can speak of segments which the marker does not know, each version once,
// and an entry holds for an object only if the sidecar was written after it; the
// newer one wins. What one names and is not there is a [Note], and so is one that
// cannot be read. Beside a discontinuity, and where the init segment changes,
// segments are measured whatever a sidecar says. Where playlists define what the
// segments are (layout.Layout.ByPlaylist), a segment may be a part of an object:
// segments are told apart by object and part, while what is listed, condemned or
// protected is always an object. What no playlist lists is numbered like its
// neighbours by name, and what stands before the first and behind the last part of
// an object is a segment too: nothing is lost because a playlist rolled on.
//
// What a sidecar said is in the record (durations, numbers, parts), and so in the
// hash of a version; the sidecars themselves are not, because a live one changes
// under every run. Init segments are: the record names them with their digests,
// playlists reference them, and one that is gone is damage like a segment.
//
// # Several stores
//
// Every object stands with the label of its store and is read, pinned, deleted
// and timed by that store alone. A listing is one of all stores or none. Sessions
// settle by the earliest of their clocks. What a playlist cannot name, because it
// lies in another store than the playlist, is copied into the version as an
// output. Before a leftover goes whose winner is in another store, the two are
// seen to be two.
//
// # One place
//
// A recording has one marker. Another order of the stores or another --out leads
// to another place, where nothing of it seems to be committed. So every listing
// looks for markers of the recording in all other places that can be thought of:
// among the segments, in the default folder and in that of this run in every
// store. Where one is found that says something else than ours, nothing is begun
// and nothing is deleted. What playlists of ours in such places name is kept, like
// what playlists of others name.
//
// # Several IDs as one recording
//
// RunAs writes, in this order and each by a conditional put: the marker of the
// recording, which lists the IDs; a marker for each of the IDs that says "as" and
// nothing else (a claim); and only when all of them stand, what any run writes. A
// claim is never replaced. So a run of an ID meets the claim at its own first
// commit, and one of the two fails: an ID is finalized apart, or as a part, never
// both. A run that finds a list of IDs makes the claims that a crash left out. An
// ID that was finalized apart before is refused, and then nothing of the
// recording is written or deleted until a human has chosen.
//
// # Leases
//
// A run that comes to write takes the lease of its recording: a small object in
// <out>/.recfin/leases/, made with If-None-Match, renewed with If-Match, deleted at
// the end, or marked as free where nothing may be deleted. It then reads the marker
// again, and plans anew where that has moved. Another run stops there (ErrLeased).
// What has not been renewed for two minutes by the store's clock, or whose process
// is seen to be gone on this host, is taken over, and the uploads of the dead run
// are aborted.
//
// A lease saves double work and is no part of any proof. A process that was
// suspended holds one without knowing that it was taken over; what it then does
// meets the same swap of the marker and the same conditions as anything else
// (TestSuspended, TestRivalsAtOnce: with and without leases). Config.Force writes
// beside the lease of another run and then deletes nothing (TestForceBesideLease).
// It holds a random token and the name of a host, so nothing of it reaches an
// output.
//
// Recover finishes what dead runs held, with the settings in their leases, and what
// a broadcaster left when it died. It deletes nothing (TestKilledIsFinishedAtOnce,
// TestRecoverWriter).
//
// # What comes after a commit
//
// What is committed is a fact. Only segments that the marker does not know, and
// the sessions that they touch, are given to the timeline; a session that nothing
// new touches is neither read nor decided again, so a night costs what is new in
// it (TestCase30YearOfEvenings). In doubt a session is touched.
//
// Late segments grow their session, or join two: then one swap extends the first,
// records the others as absorbed and condemns their outputs, and their doors lead
// to the one that stands (TestMerge). Where that cannot be, because anything that
// a session chose is gone, the segments are kept, reported as late and listed as
// seen: a list beside a version, vouched for by the marker, so that they are not
// read again each night.
//
// An object of a committed session whose ETag changed and whose bytes did not is
// the same object: the record's checksum says so, reads are pinned to the new
// ETag, and nothing that was condemned under the old one is deleted under the
// new. Other bytes are damage (I11).
//
// # Invariants
//
// Each is held by the tests named behind it.
//
//   - I1 A key outside <out>/.recfin/ is deleted only if the committed marker
//     condemns it, with store, ETag and size. A condemned object is never chosen
//     again. A copy goes only while the version that has its place stands and the
//     recording holds it. (TestCrashSweep, TestCondemnedIsNeverChosen,
//     TestWinnerStandsWhenItsCopyGoes, TestOneStoreUnderTwoNames)
//   - I2 The marker is written last, by compare-and-swap, after every output was
//     read back and matches. It is replaced only by its successor and never
//     deleted. (TestMarkerIsLast, TestRivalsMeetAtTheMarker)
//   - I3 An output is visible whole or not at all. (storetest.Run)
//   - I4 The same inputs give the same bytes: no local clock, map order or random
//     number reaches an output. (TestShuffledListing, TestCrashSweep)
//   - I5 A session is published or cleaned only when it is settled, by the store's
//     clock. Config.Force waives that for writing, never for deleting.
//     (TestNotSettled, TestForceNeverDeletes, TestNewUploadUnsettles)
//   - I6 Keys that no layout reads are counted, reported and never touched. A
//     listing that failed is never an empty one. (TestUnknownKeys, TestListingFails,
//     TestOneStoreIsDown)
//   - I7 After cancellation nothing more is written or deleted, except the abort
//     of our own upload. (TestCancelledRunStops)
//   - I8 A playlist never references a condemned key, and what a playlist of
//     others names is not condemned, nor what outputs of ours in another place name.
//     (TestDeleteLeftovers, TestForeignPlaylist, TestFinalizedElsewhere)
//   - I9 A committed recording only grows: an output is superseded only by one
//     that holds all of its media. (TestLateSegmentGrows, TestShrunkenIsKept)
//   - I10 Every segment that was listed is in the recording or is dropped with a
//     named reason: chosen + dropped = listed. (TestChosenPlusDropped)
//   - I11 A committed recording whose referenced keys are gone or changed is
//     damaged: reported, and nothing of it is written or deleted. (TestDamaged,
//     TestGoldenFFmpeg for init segments)
//
// # Errors
//
// There are two kinds. "Again" ([Retry]): the store was not there, or something
// changed under the run; the same command may succeed later. Everything else
// needs a human: [ErrUsage], [ErrRefused], or a failure of reading or writing
// that names the key.
package finalize
