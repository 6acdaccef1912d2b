//go:build (!amd64 && !arm64) || noasm

package kern

func available() []*Impl { return []*Impl{portable()} }

// packing is empty: the portable product copies nothing.
type packing struct{}

func (packing) floats() int { return 0 }

func (packing) release() {}
