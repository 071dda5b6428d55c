// Package layout reads object keys: which recording, writer, rendition and
// number an object has by its name, when it began and how long it lasts where
// the name says so, and what key a set of fields makes. It is pure.
//
// A layout is a preset or a pattern of the user's own. A pattern is a key with
// fields in braces:
//
//	{recording}/{nonce}/{rendition}/{seq}.{ext}
//
//	{recording}    name of the recording; needed
//	{recording**}  the same, one or more whole path elements
//	{nonce}        the writer: a broadcaster, node or session; empty where absent
//	{nonce**}      the same, any number of whole path elements, or none
//	{rendition}    quality of the picture; "source" where absent
//	{seq}          number, 1 to 18 decimal digits, padded or not
//	{time:FORMAT}  wall start in the reference time of package time; several are
//	               one time, and together they say the date and the time of day
//	{duration}     seconds with or without a fraction
//	{quality}      one word that says how whole a segment is; it holds no "-"
//	{hash}         of the content, not checked
//	{ext}          extension of a media file; where absent, the one that the
//	               pattern ends in
//	{name}         any text; digits at its end are the number
//	{f=text}       the constant text, which stands for field f
//	{f:=text}      the same for all keys, without a text in the key
//	{*}            a part of one path element that does not matter
//	{#}            digits that do not matter
//	{**}           any number of whole path elements that do not matter
//
// A field takes at least one character and never a slash; where a text could be
// divided in several ways the field on the left takes as much as it can.
// Numbers, times and durations take all that belongs to them. Two fields need a
// literal between them. A pattern without {seq} and {time} must end in an
// extension: thumbnails and playlists lie beside segments.
//
// Keys with an empty path element, "." or "..", or with a time that does not
// exist, are unknown. Bytes that are not UTF-8 and control characters are taken
// as they stand.
package layout
