package s3double

// SetAlike stores one object under many keys behind the back of everybody; o.Key says
// nothing. Its body and what is told of it are kept once, so that a bucket may have
// hundreds of thousands of small objects.
func (s *Server) SetAlike(o Object, keys ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.fixture(o)
	for _, key := range keys {
		if s.opt.Versioning == VersioningOff && !s.opt.OpaqueETags {
			s.store(key, v) // a version is never changed
			continue
		}
		own := *v
		own.etag = s.newETag(o.Body)
		s.store(key, &own)
	}
}
