// A module of its own, so that it uses the client as its users do, and with the versions that its result stands for.
module github.com/smsmux/smsmux/clients/go/scenario

go 1.24.0

replace github.com/smsmux/smsmux/clients/go => ../

require (
	github.com/smsmux/smsmux/clients/go v0.1.0
	github.com/standard-webhooks/standard-webhooks/libraries v0.0.1
	google.golang.org/genproto/googleapis/rpc v0.0.0-20260120221211-b8f7ae30c516
	google.golang.org/grpc v1.80.0
	google.golang.org/protobuf v1.36.12
)

require (
	golang.org/x/net v0.49.0 // indirect
	golang.org/x/sys v0.40.0 // indirect
	golang.org/x/text v0.33.0 // indirect
	google.golang.org/genproto/googleapis/api v0.0.0-20260120221211-b8f7ae30c516 // indirect
)
