// Package s3double is a strict double of AWS's S3 that runs inside a test: an HTTP
// server with one bucket, which answers as S3 does and does on demand what a real
// server cannot be made to do.
//
// It is a judge: what AWS refuses it refuses (parts below 5 MiB, a part list that
// does not match, a wrong digest, a wrong signature, a second writer behind
// If-None-Match), and what it does not know it answers with 501, never with
// success. Options make it one of the stores that call themselves S3-compatible:
// with opaque ETags, deaf to conditions of deletes, with parts of one size, with
// versions.
//
// It misbehaves in four ways: a Fault meets requests by operation, key, number and
// chance; a Hook sees each request first; Crash kills the process that talks to it
// at the n-th request, before or after its effect; and Corrupt, Rot, Set and Remove
// stand for disks and for other people.
//
// Only tests import it. It shares no code with store/s3 and does not know the SDK.
package s3double
