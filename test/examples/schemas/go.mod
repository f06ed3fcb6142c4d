// No program: local/setup/compiled-drivers.mjs takes the schemas out of these modules, which test
// the manifests of examples/kubernetes.
module zilliz-rotation/schemas

go 1.26.0

require (
	github.com/external-secrets/external-secrets v1.3.2
	k8s.io/client-go v0.37.2
	sigs.k8s.io/secrets-store-csi-driver v1.6.0
)
