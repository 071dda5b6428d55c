// Package s3 keeps objects in a bucket of Amazon S3 or of a store that speaks
// its protocol, below one prefix. It talks to the service through
// aws-sdk-go-v2, one call of this package at a time: no transfer manager stands
// in between, because the numbering and the size of parts are ours to decide.
//
// # Deadlines and retries
//
// Every connection carries an idle deadline in both directions, so that a peer
// that accepts and then says nothing ends a call, and every call but the
// reading of a body has a deadline as a whole. What may be tried again is tried
// again with full jitter until the time that was spent on failing reaches a
// minute; then the store is [store.ErrUnavailable]. The retry quota that the SDK
// shares between parallel requests is not used: under load one slow moment would
// take the attempts of all. Behind an attempt that had no answer the next one
// takes a connection of its own, since those of the pool may lead to the same
// silence.
//
// A store that says "slow down" gets half the requests that were in flight, and one
// more again each time that as many went well; Retry-After is obeyed within
// reason. Credentials that expire in mid-run are asked for again, once, where they
// come from something that gives new ones.
//
// A body that breaks in the middle is continued from where it broke, and only
// where the read is pinned to an ETag. A page of a listing that comes twice is
// asked for again: what should be in its place would be missing.
//
// # Listings
//
// The SDK signs and sends the request for a page and reads errors; a good answer is read
// by a scanner of bytes, since decoding by reflection takes 14 ms of CPU time for 1,000
// objects. The scanner takes plain documents only. Whatever is unusual or wrong goes to
// the decoder of the SDK, so that the two cannot differ in what they accept.
//
// A listing of more than two pages is read in several places at once: it is cut at
// names of folders, which listings with a delimiter tell, and each span is read from
// where it begins and handed over in order, with at most 256 pages waiting. Small
// folders share a span, and where cutting costs more requests than it is worth (no
// folders, or hardly an object in each) the listing is read one page after the other. Each
// span is read until it has seen a name of the next one; if that does not begin there,
// the store cannot be relied on to begin where it is told, and the rest is read in
// sequence. Folders are listed in sequence too: a page holds 1,000 of them.
//
// # Writes whose answer is lost
//
// A write that was repeated and then meets a conflict may have met itself. Put
// reads what is there: the same bytes are success. An upload, or a copy, puts a
// random token into the user metadata of its object (never shown in [store.Info])
// and recognises the object by it.
//
// # Uploads
//
// The head of an object comes last, so the first parts are held back: part
// numbers 1 to k are kept for the room in front and for the first bytes of body
// behind it, and the body goes on with part k+1 while it is written. All parts
// but the last are of one size, as R2 wants it, and numbered without gaps, as
// AWS wants it. An object that fits into one part is stored by a single request.
//
// # Copies
//
// A copy is one CopyObject, or UploadPartCopy in parts of one size where the object
// has more than 5 GiB; no body passes through here. Both are pinned to the ETag of
// the source, and a copy carries a token as an upload does. Of stores that are not
// AWS the conditions of a copy are not relied on: the key is looked at before, and
// the source afterwards.
//
// # Integrity
//
// Every part and every object is sent with an explicit checksum: CRC64NVME to
// AWS and to whoever was seen to compare and to tell it ([store.Detect]),
// Content-MD5 to all others, since every one of them takes that. HEAD asks for
// the checksum of the whole object. A part that carries a CRC64NVME which the store
// is known to compare is not hashed a second time for its signature (UNSIGNED-PAYLOAD),
// over plain http neither: what the network spoils is refused by its checksum. Who
// can change what passes by over plain http could change it with a signature as well,
// where it is downloaded: answers are not signed. Objects stored by one request, as
// markers and playlists are, carry the signature of their bytes over plain http.
//
// A read that shall be proved ([store.GetOptions]) is compared, over all of the
// body however often it broke, with the checksum that the answer carries, or with
// an ETag that has the form of an MD5; where neither is there, or the ETag turns
// out to be none, with a second reading.
//
// # Deletes
//
// The single form looks at the victim first, since no condition of S3 proves a
// size, then deletes with If-Match. The batch form (DeleteObjects with the ETag of
// each key) does not look, and is only for who has just listed and has seen that
// this store honours it. Sixteen of the one and four of the other are under way at the
// same time, fewer where the store says "slow down".
package s3
