//go:build !amd64

package graph

import "testing"

// eachKernel tries what there is.
func eachKernel(t *testing.T, try func(t *testing.T)) { try(t) }
