// Package layout reads object keys: which recording, writer, rendition and
// number an object has by its name, and what key a set of fields makes. It is
// pure.
//
// A layout is a preset or a pattern of the user's own. A pattern is a key with
// fields in braces:
//
//	{recording}/{nonce}/{rendition}/{seq}.{ext}
//
//	{recording}  name of the recording; needed
//	{nonce}      the writer: a broadcaster, node or session; empty where absent
//	{rendition}  quality; "source" where absent
//	{seq}        number, 1 to 18 decimal digits, padded or not; needed
//	{ext}        extension of a media file; where absent, the one that the
//	             pattern ends in
//	{f=text}     the constant text, which stands for field f
//	{*}          a part of one path element that does not matter
//	{**}         any number of whole path elements that do not matter
//
// A field takes at least one character and never a slash; where a text could be
// divided in several ways the field on the left takes as much as it can. Two
// fields need a literal between them. No field ever is "." or "..".
package layout
