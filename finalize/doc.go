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
// # Where outputs go
//
//	<out>/<recording>/recording.json          the marker: the only commit point
//	<out>/<recording>/<session>/index.m3u8    the door for players, a function of the marker
//	<out>/<recording>/<session>/<n>-<hash>/   a version: playlists, MP4s, segments.json.gz
//	<out>/.recfin/                            leases, probes, the day index and temporary files; never input
//
// # The protocol
//
// Any run may die, stall for a day or meet others with other settings at any step,
// any answer may be lost, and a store may lie. What holds nevertheless follows from
// these rules. Behind each stand the tests that hold it.
//
// Writing and committing:
//
//   - P1 The order is: read the marker, list, plan, write the version, read it back,
//     list and plan again, swap the marker, read it back, write the doors. The marker
//     is read before the listing, so no commit hides behind a listing; and everything
//     is listed once more behind the writing, so no upload hides behind that.
//     Where there was no marker when the lease was taken, it is not asked for again behind
//     the writing: the first one is put where none is (P4), and none is ever deleted (I2),
//     so if that put succeeds there was none at any moment before. One that came meanwhile
//     is in the listing of the outputs, and then everything begins anew. Without a lease of
//     its own, and where a store does not honour If-None-Match, a run asks each time.
//     (TestMarkerIsLast, TestUploadAtAnyMoment, TestNewUploadUnsettles, TestFirstMarkerOfARival)
//   - P2 A version is <n>-<hash>. The hash covers every object that the decision rests
//     on, the decision and the settings, so a run after a crash finds its own files
//     under the same name, compares them byte for byte and goes on. n is one above
//     every number that the marker ever named for the session, to commit or to
//     condemn, so no name ever has two meanings: with fixed names, or with hashes
//     alone, a run could commit what another is deleting. Files of a version are
//     created once and never replaced; where a name is taken by other bytes, the next
//     n is taken. (TestCrashSweep, TestModel)
//     Where heads are read as segments are joined (see below), the name is that of the
//     plan before, and the record is that of the plan with all heads: both follow from
//     the same objects and settings. (TestLaterCrashes, TestLaterCrashesWhereJoinedAnew)
//   - P3 Every output is read back before the swap: small files, and copies that came
//     through this machine, by their bytes, an MP4 by its head and tables, the one media
//     object of a rendition by the CRC-64/NVME that its store computed over what it
//     stored, or else by all of its bytes. A copy that the store itself made is not
//     read: its size must be that of its source, and where the store tells an MD5 or a
//     CRC-64/NVME of both, that too. What was written and what is there are two things.
//     An MP4 is read back while the list of the version is written: neither is of use
//     before the swap, and everything is listed again behind both.
//     (TestVerificationFails, TestRotAsItIsWritten, TestCopyOfASpoilingStore)
//   - P4 The marker is the only commit point, and one per recording. The first is put
//     with If-None-Match, each later one with If-Match on the ETag that was read, and
//     it names its predecessor by SHA-256: of two runs that commit, one fails and
//     plans anew. With a marker per session, a run that wants an object and a run that
//     deletes it would not meet. A store that does not honour If-Match on a put is
//     refused, unless the caller promises to be alone (Config.AssumeSingleWriter).
//     (TestRivalsMeetAtTheMarker, TestRivalAtAnyMoment, TestMarkerNeedsCompareAndSwap,
//     TestStoreWithoutConditionalPut)
//   - P5 A lost answer is settled by reading: the marker, or the file, is what we
//     wrote, then it was written; it is what it was, then it was not; it is another
//     one, then a rival was first. Nothing is guessed. (TestFaults,
//     TestLeaseLostAnswers)
//   - P6 A stalled writer wakes up into another world: every write that could do harm
//     has a condition. Its version has a name of its own, its marker meets If-Match,
//     its door too, its deletes carry the ETag. (TestSuspended, TestModel)
//   - P7 A version that no marker names (a crash, a lost race) is condemned by the next
//     swap, and its n counts as used. (TestCrashSweep) But one that holds a segment
//     which is nowhere else was committed once, and the marker is lost, or an older
//     one was put in its place: it may be all that there is, so it stays, and a human
//     is told. (TestMarkerOfABackup)
//   - P8 Doors come after the swap: read the door, then the marker, then put with
//     If-Match, again on a conflict; so an old marker never leads players back. Behind
//     the swap of a run that marker is the one which is read back. A run
//     first finishes the doors of the last swap. The door of an absorbed session leads
//     to the one that absorbed it. (TestMerge, TestCrashSweep, TestModel)
//   - P9 What a commit or a deletion rests on is read durably: a killed process may
//     have left names in a folder that are not on the disk yet.
//     (survival.TestKilled, survival.TestPowerCut)
//
// Deleting:
//
//   - P10 Condemned means: may be deleted. A set of objects is condemned by a swap of
//     the marker, and for ever: no later commit chooses, references or names one of
//     them. So a run that wants an object and a run that deletes it meet at one swap,
//     and one of them fails. An object is its store, key, ETag, size and upload time:
//     the same key uploaded anew is another one. (TestCondemnedIsNeverChosen,
//     TestModel)
//   - P11 Deletion is a later step than condemning: Config.DeleteDelay counts from the
//     upload time of the marker that first named the set, by the clock of its store.
//     A human has that time to look, and Keep cancels it. (TestDeleteLeftovers,
//     TestDelayByTheClockOfTheMarker)
//   - P12 Only with the mode that condemned: with DeleteNone nothing is deleted, marked
//     or not, and sources go with DeleteSources alone. (TestDeleteLeftovers,
//     TestSourcesGo)
//   - P13 What is due goes first, before anything new is written, and neither keeps the
//     other back: a broken night must not fill the store. (TestDueGoesFirst)
//   - P14 A receipt deletes, and nothing else: all outputs of the recording were read
//     back in this run. A copy goes because another one stands, a source because an
//     output holds it. (TestDeleteLeftovers, TestProofMustStand)
//   - P15 Right before each batch of at most 1,000 the marker is read again, and must be
//     the one that the run stands on; and what is around the victims is listed again.
//     What was uploaded anew is no victim any more. Only that part of a large
//     recording is listed, so that the work grows with the victims alone; what other
//     playlists name is looked for when the deleting begins, and around each batch.
//     Listings are made at the same time, but behind the marker, and in front of the
//     looks at what the batch rests on; and no batch is looked at before the one ahead of
//     it has gone, or it would not see what came meanwhile. (TestKeepStopsTheDeleter, TestManyLooks,
//     TestThousands, TestCover, TestDeletingFarAway)
//   - P16 Every delete carries the ETag as a condition, where the store was seen to
//     honour that by answer and by effect; in the batch form only where that was seen
//     to. Reading again never closes the window between a look and a delete; a
//     condition does. (TestOverwrittenAtAnyMoment, TestNothingIsDeletedWithoutConditions)
//   - P17 A store that ignores the conditions of deletes is deleted from only if it
//     keeps what is deleted (a versioned bucket: what went wrongly can be brought back;
//     no version is ever deleted), or if the caller promises to be alone. A store of
//     outputs that ignores conditions on writes is no proof: a rival may have
//     overwritten the marker. (TestStoreWithoutConditions, TestOutputsWithoutConditions)
//   - P18 A copy goes only while the version that has its place stands in the same look,
//     the recording holds it, no tombstone hides it, and it is not the very same object
//     under another URL; or while an output is proved to hold what had its place,
//     which a copy without a checksum cannot be once that is gone.
//     (TestWinnerStandsWhenItsCopyGoes, TestTombstoneOfAWinner,
//     TestOneStoreUnderTwoNames, TestLoserBesideACopyThatIsAlone) In a folder, where a link may lead to it, nothing goes
//     that is the very file of a segment which a session holds. (TestLinksInAFolder)
//   - P19 A source goes only while the version that was proved to hold it is the current
//     one, its bodies were proved again in the run that deletes, because a bit may have
//     flipped meanwhile, and each of its outputs has the size and ETag that it was
//     proved with at the last look. There may be as many copies as segments: each is
//     looked at with what it holds, and one that is wrong keeps all that is left. Nor is
//     a source marked, or does it go, while a door of its session leads to a version that
//     no marker of the run names, as one does where an older marker was put back: the
//     playlists there may name it. (TestRotBeforeTheDelete, TestProofMustStand,
//     TestSinglesAreProved, TestDoorsThatLeadAstray,
//     TestCopyThatVanishesWhileSourcesGo, TestManyCopiesAreLookedAtWithWhatTheyHold)
//   - P20 A folder whose writer has numbered from the start again, and a session that
//     was written to since the plan, wait for a later run: the next upload may be over
//     a victim. (TestManyLooks, TestDeleteLeftovers, TestModel)
//   - P21 The files of a version go only when no door leads to it, whoever left it so.
//     (TestDoorsProtect)
//   - P22 What is deleted is told key by key; what the store denies is told and not
//     tried over and over, and the recording is done all the same. A run that dies
//     half-way leaves the rest to the next one. Nothing but deleting needs the right to
//     delete. (TestDeniedDelete, TestThousands, TestLeaseWithoutRights,
//     recfin.TestThousandsOnS3, recfin.TestPolicies)
//   - P23 Leftovers of more than Config.MaxDeletePercent of a recording are refused: then
//     the choice itself is to be looked at. (TestCeilingBeforeTheMark)
//
// What may be condemned as a source:
//
//   - P24 Only what outputs of the committed version are proved to hold whole. A copy
//     holds all of an object; the one media object of a rendition holds a segment if no
//     byte of it was cut off; an MP4 does if every sample that came in was written and
//     no damage lies inside. Every part of an object must be held. The bodies of the
//     outputs have the CRC-64/NVME that was computed while writing, by the store's own
//     checksum where it computes one and by reading them otherwise; and what was read of
//     the source is what its store holds. A copy that the store made, and of which it
//     tells no checksum, is proved against its source: both are read. What was spoilt on
//     the way must never become the only copy, and no more the init segment without
//     which copies cannot be read. Where an output of a rendition could not be made,
//     what no output holds stays. (TestUnmade, TestSourcesGo, TestSourcesStay,
//     TestSourcesInitThatWasSpoilt, TestSourcesProof, TestSourcesOfFragments,
//     TestRotAsItIsWritten, TestCopySources, TestSourcesStayBesidePlaylists,
//     TestFragmentsGoBesidePlaylists)
//   - P25 Never beside a playlist that references it, nor while anything that stays
//     names or needs it: init segments and sidecars go last. The mode in which the
//     playlists of a session were written first is a fact, whatever is asked for later,
//     and where sessions are joined of which one names its segments where they lie, so
//     does what they become: playlists of a version that was superseded may be played,
//     or kept, for long. Those of a version to which nothing leads count like playlists
//     of others, of leftovers too, where that version stays because it holds what is
//     nowhere else or because somebody keeps it. (TestSourcesBesidePlaylists,
//     TestSourcesAndSidecars, TestModesInAnyOrder, TestModesOfJoinedSessions,
//     TestPlaylistsOfAVersionThatStays, TestNothingNamedIsDeleted)
//   - P26 Holes of more than 1 %, uncertain decisions and unusable segments keep the
//     sources of a recording until a human accepts that: what looks like a hole may be
//     a mistake of ours. (TestSourcesStay, TestSourcesUncertain)
//   - P27 A session whose sources went is final: what comes later is kept and reported.
//     (TestSourcesGoneLate, TestSourcesGoneInPart, TestSourcesCondemnedAreNotChosen)
//
// All of it at once, with faults, hung peers and crashes at every operation, twice in
// a row: TestStorm, TestHungPeer, TestCrashSweep, survival.TestPowerCut; and
// with each rule switched off in turn: rules.TestRulesOff.
//
// Some days (Config.Days):
//
//   - P28 A session is of the day in its id, for life. Before anything of a session is
//     written it is entered in the day index (<out>/.recfin/days/<date>/<recording>@<session>,
//     created once, a function of its name); so no session that a marker commits is
//     missing there, whatever dies when, and to know the recordings of a day costs a
//     listing of that day. An entry of a session that never came, or that another has
//     absorbed, does no harm: the recording is looked at, and that is all. The index is
//     no part of any proof. Where there is none at all, everything that is found is
//     looked at. (TestCrashSweep, TestDaysInAnyOrder, TestDayEntryFails, TestOnDays)
//   - P29 A session of another day, and one that would take over or be joined to one, is
//     left alone (Outside): not written, nothing of it marked or deleted, its door not
//     touched. It is taken into account all the same: it keeps what it needs from being
//     a source that goes, like one that is not settled, and where it is damaged so is
//     the recording. A narrower run decides by the same evidence as one of all days, and
//     does a part of what that would do. (TestOneDay, TestDaysDelete, TestDaysSources,
//     TestDaysJoin, TestDaysDamaged, TestDaysInAnyOrder)
//
// # Reading each byte once
//
// Where MP4s alone are made of a recording that has no marker yet, every byte of a session
// is read to make them. So the head
// of a segment is not read before, where its writer counts without a hole and a few
// looks show that the clock runs on evenly (timeline.Segment.ReadLater): the ends, the
// second and the middle of each stretch, and more where those do not agree. What is
// looked at is read whole and kept for the joining, as far as a sixteenth of
// Config.Memory goes. Each other segment is measured as it goes by, and before the
// record is written the recording is planned once more with all heads. That plan is
// what is committed; if by it the MP4s would be made of other segments, in another
// order, with other joins, holes or chapters, they are abandoned and made again. Once
// anything is written, the heads of what is not joined in this run (of a session that
// is on air, or of another day) are read too, and only the plan with those is
// committed: two clocks by turns in the session that is on air make the copies of the
// finished one uncertain, and no copy may go by a guess. So
// nothing that is committed or condemned rests on a length that nobody has read, and the
// result is that of reading all heads before; but where guesses join what is over to a
// session that is on air, it waits for that, and of what is uncertain the time of day at
// which it began may be told otherwise by a second or two: more or less of it was read to
// its end before the doubt was certain. (TestEachByteOnce, TestLaterDecidesAlike,
// TestNightsDecideAlike, TestLaterBesideOneOnAir, timeline.TestReadLaterDecidesTheSame)
//
// What the heads of the middle tell beforehand, and what becomes of it:
//
//   - The clock starts over or leaps inside a run: the looks halve the stretch until it
//     is found. Leaps that cancel out, or an encoder of its own between two looks,
//     are met as they are joined: planned and joined anew. (timeline.TestLooks,
//     TestLaterCosts, TestLaterCrashesWhereJoinedAnew)
//   - Copies: a number that two segments of a rendition have is read whole, as ever;
//     the lengths in numberings that overlap are read. (TestLaterDecidesAlike)
//   - Renditions with boundaries or sound of their own: their heads are read.
//   - Other parameters: the joiner meets them, and the plan with all heads has them.
//     (TestLaterCosts)
//   - A segment that is no media, cannot be joined, or is listed and not there: the
//     joining is given up, and the heads of all that is left are read, once, so that
//     many of them cost one more joining. (TestLaterMeetsTrouble)
//   - A length in the metadata that contradicts what was measured: it is seen, and
//     reported, of the segments that are looked at.
//
// A plan that is only looked at has the lengths of the stretches, which are said to be
// those of neighbours; and a first run that has nothing to write rests on them, which can
// only make it wait. Where playlists are made too, and with other settings of
// Config.Durations than auto, all heads are read as ever. So they are where there is a
// marker: there a run that writes nothing may still commit what it decided. It lists what
// came too late as seen, and that is not looked at again; it condemns copies that lost
// to what is finished; and what is due goes before anything is joined. All that would rest
// on segments that are joined by no run. (TestLaterPlansAlike, TestLateIsHeldAgainstAll,
// TestNightsDecideAlike)
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
// output. With HLSCopy all of it is: inside one store by the store itself, so that no
// byte of it comes through this machine (TestCopyReadsNoBody). Before a leftover goes whose winner is in another store, the two are
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
// are aborted. What the store honours of writes must be known for that: where it looks as if there
// will be something to write, that is asked while segments are still looked at, and what
// is asked of deletes while it is written. A run ends no earlier than its questions.
//
// A lease saves double work and is no part of any proof. A process that was
// suspended holds one without knowing that it was taken over; what it then does
// meets the same swap of the marker and the same conditions as anything else
// (TestSuspended, TestRivalsAtOnce: with and without leases). Config.Force writes
// beside the lease of another run and then deletes nothing (TestForceBesideLease).
// It holds a random token and the name of a host, so nothing of it reaches an
// output.
//
// An upload that was never ended is visible to nobody and part of no recording. What a
// dead run left is aborted by whoever takes its lease over, and where it is older than a
// day by any run: of its own recording, or where there are many of all of them, by one
// listing (Finalizer.Sweep, TestSweepOnce).
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
// # Reading back
//
// Verify reads a committed recording back as a client would and holds it against its
// marker. It uses none of the functions that write playlists, writes nothing and takes
// no lease. What it finds are findings, by rule; only where the marker moved meanwhile
// it begins again. Damage is what a run would refuse too (I11), and bytes of outputs
// that are not those which were proved. (TestVerifyFinds, TestVerifyWritesNothing,
// TestAnyHistory)
//
// Standing tells what was committed from the marker and what that vouches for, without
// a look at any segment. A deletion leaves no trace in the marker, so only of what is
// condemned two objects of each set are asked for. (TestStanding, TestStandingDue)
//
// # Many machines
//
// Machines that share the recordings out (Config.Shard) know nothing of each other: a
// share is a function of the name alone, the same in every version of the program. A
// recording of several IDs, which may be in several shares, is worked on in that of one
// of them (Finalizer.Holds). Nothing rests on that: two that have the same recording
// meet at its lease and at its marker, as ever. (TestShardShares, TestShardIsForLife,
// TestShardsHold, recfin.TestEightShards)
//
// # Finding work
//
// A run over everything that is found (Search) passes over what earlier runs have
// finished. What they noted is in <out>/.recfin/state/: 256 pages by a hash of the name,
// and for each share of the recordings up to where it has looked.
//
//   - S1 The state says only what need not be looked at now. Nothing is committed,
//     deleted, kept or told to a human because of it, and what it passes over is as it
//     was when nothing was left to be done. A row or a page that is lost, damaged or of
//     another program is nothing known, and costs the work that it saved.
//     (TestStateIsACache, TestStateCrashes, TestAnyNights)
//   - S2 A recording is closed 48 hours after its last commit by the clock of its marker's
//     store, and only if the last run over it left nothing: no error, no session that
//     waits, nothing that was kept from deletion. One with a deletion that waits is
//     closed until that is due, with the same settings; it is met then even where no
//     listing shows it. What somebody has accepted is never closed. (TestClosedIsSkipped,
//     TestDueOfClosed, TestDueWithoutSources, TestTroubleIsNeverClosed)
//   - S3 A row holds for the stores and layouts that it was made with: others list other
//     objects. Other settings make something else of the same objects, so the next look
//     is all of the work. (TestClosedForOthers)
//   - S4 A look lists the sources and compares a sum over store, key, ETag, size and upload
//     time of every object with that of the listing that the last work rested on. What
//     came between that listing and the commit is in no sum, so it shows. Where
//     anything differs, or there is nothing to compare, all of the work is done.
//     (TestListingSum, TestLateForClosed, TestClosedGroup)
//   - S5 All that is closed is looked at in each round of --recheck, in the order of the
//     hash of the names: a run owes the part of what is left of the round that the time
//     since the last look is of the time that is left. The cursor passes only what was
//     looked at, so a run that is cut short or dies leaves the rest to the next one; one
//     that is lost or lies in the future owes everything, and what takes the place of
//     another number of shares owes what any of those did. The pages are written before
//     the cursor: what a look has met is noted before the look counts.
//     (TestLooksMissNothing, TestLooksAreEven, TestLooksCutShort,
//     TestLooksOfAnotherNumberOfShares)
//   - S6 Pages and cursors are replaced by compare-and-swap, and a run changes the rows of
//     what it worked on alone. What one of two runs at once met as trouble, or took
//     away, the other does not close. (TestStateMerge, TestTwoRunsAtOnce)
//   - S7 Of a recording that is closed and not looked at nothing is asked for. Shares list
//     no page of segments that another one lists, and read only the pages of the state
//     that names of theirs may be on. (TestSecondNight, TestShardsListNoPageTwice)
//
// # Invariants
//
// Each is held by the tests named behind it.
//
//   - I1 A key outside <out>/.recfin/ is deleted only if the committed marker
//     condemns it, with store, ETag and size. A condemned object is never chosen
//     again. What Keep has kept stays. (TestCrashSweep, TestCondemnedIsNeverChosen,
//     TestKeep, TestKeepCrashes)
//   - I2 The marker is written last, by compare-and-swap, after every output was
//     read back and matches. It is replaced only by its successor and never
//     deleted. (TestMarkerIsLast, TestRivalsMeetAtTheMarker)
//   - I3 An output is visible whole or not at all. (s3.TestContractStrict, survival.TestPowerCut)
//   - I4 The same inputs give the same bytes: no local clock, map order or random
//     number reaches an output. (TestShuffledListing, TestCrashSweep)
//   - I5 A session is published or cleaned only when it is settled, by the store's
//     clock. Config.Force waives that for writing, never for deleting.
//     (TestNotSettled, TestForceNeverDeletes, TestNewUploadUnsettles)
//   - I6 Keys that no layout reads are counted, reported and never touched. A
//     listing that failed is never an empty one. (TestUnknownKeys, TestListingFails,
//     TestOneStoreIsDown)
//   - I7 After cancellation nothing more is written or deleted, except the abort
//     of our own upload and the release of our lease, so that the next run need not
//     wait. (TestCancelledRunStops, TestLeaseStopped, recfin.TestTerminatedAnywhere)
//   - I8 A playlist never references a condemned key, and what a playlist of
//     others names is not condemned, nor what outputs of ours in another place name.
//     (TestDeleteLeftovers, TestForeignPlaylist, TestFinalizedElsewhere,
//     TestNothingNamedIsDeleted)
//   - I9 A committed recording only grows: an output is superseded only by one
//     that holds all of its media. (TestLateSegmentGrows, TestShrunkenIsKept)
//   - I10 Every segment that was listed is in the recording or is dropped with a
//     named reason: chosen + dropped = listed. (TestChosenPlusDropped)
//   - I11 A committed recording whose referenced keys are gone or changed is
//     damaged: reported, and nothing of it is written or deleted. What went as a
//     source is no damage. (TestDamaged, TestCasualties, TestSourcesGo,
//     TestGoldenFFmpeg for init segments)
//
// # Errors
//
// There are two kinds. "Again" ([Retry]): the store was not there, or something
// changed under the run; the same command may succeed later. Everything else
// needs a human: [ErrUsage], [ErrRefused], or a failure of reading or writing
// that names the key.
package finalize
