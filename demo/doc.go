// Package demo holds the sample workspace: thirteen weeks of feedback, written for this project, about Crewlane, a made-up
// product for field-service firms, with its customers and features.
//
//	for item, err := range demo.Items() {
//		…publish item.Message under item.Source
//	}
//
// Its true topics stand in testdata/truth.csv, outside the binary: only tests and package eval read them.
package demo
