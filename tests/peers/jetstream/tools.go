//go:build tools

// Package peers names the programs that the connector tests drive, so that
// go.sum holds them to these bytes.
package peers

import (
	_ "github.com/bluesky-social/jetstream/cmd/jetstream"
	_ "github.com/bluesky-social/jetstream/cmd/simulator"
)
