// Package hevc reads of an H.265 stream (ITU-T H.265) what a demuxer needs,
// whatever the container: parameter sets, the beginning of slice segment
// headers, recovery points.
//
// NAL units come without start code or length, with their header of two bytes
// and their emulation prevention bytes. Those of layers above the base layer
// (nuh_layer_id) belong to the picture of the base layer; their parameter sets
// are not looked at, because ids are counted in each layer by itself.
package hevc
