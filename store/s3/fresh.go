package s3

import "context"

type freshKey struct{}

// withFresh asks for a connection of its own for the requests of ctx.
func withFresh(ctx context.Context) context.Context {
	return context.WithValue(ctx, freshKey{}, true)
}

func wantsFresh(ctx context.Context) bool {
	return ctx.Value(freshKey{}) != nil
}
