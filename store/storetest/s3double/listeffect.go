package s3double

import "maps"

// Snapshot is what a listing knew at a moment.
type Snapshot struct{ bucket bucket }

// Snapshot remembers what a listing shows now.
func (s *Server) Snapshot() Snapshot {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Snapshot{bucket{objects: maps.Clone(s.bucket.objects), keys: s.bucket.listed()}}
}

// Stale lets a listing show the bucket as it was: it lacks what came since, and
// shows what went.
func Stale(then Snapshot) Effect {
	return func(x *Exchange) {
		x.seen = &then
		x.Send(x.Effect())
	}
}

// Restart answers the request for a later page of a listing with the first one.
func Restart() Effect {
	return func(x *Exchange) {
		q := x.R.URL.Query()
		q.Del("continuation-token")
		x.R.URL.RawQuery = q.Encode()
		x.Send(x.Effect())
	}
}
