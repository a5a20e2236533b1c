# frozen_string_literal: true

Gem::Specification.new do |spec|
  spec.name = 'smsmux'
  spec.version = '0.1.0'
  spec.summary = 'Client of smsmux, one gRPC API in front of many SMS vendors'
  spec.description = 'Sends SMS through smsmux: key, TLS, deadlines, idempotency keys, repeats and typed errors over the gRPC stubs.'
  spec.authors = ['The smsmux authors']
  spec.homepage = 'https://github.com/smsmux/smsmux'
  spec.license = 'Apache-2.0'
  spec.metadata = {
    'rubygems_mfa_required' => 'true', 'source_code_uri' => spec.homepage,
    'changelog_uri' => "#{spec.homepage}/blob/main/CHANGELOG.md",
    'documentation_uri' => "#{spec.homepage}/tree/main/clients/ruby", 'bug_tracker_uri' => "#{spec.homepage}/issues"
  }

  spec.files = Dir['lib/**/*.rb', 'sig/**/*.rbs', 'example/*.rb', 'README.md', 'LICENSE']
  spec.required_ruby_version = '>= 3.1'
  # google.api, which the protos import, and the types of the errors' details.
  spec.add_dependency 'googleapis-common-protos-types', '~> 1.0'
  spec.add_dependency 'grpc', '>= 1.50', '< 2'
  # The stubs run on 3.21 and later, and on the runtimes of the next major version.
  spec.add_dependency 'google-protobuf', '>= 3.21', '< 5'
end
