# frozen_string_literal: true

# All of smsmux's services and messages, in Smsmux::V1, and what its errors' details take to be read, in Google::Rpc and
# Google::Protobuf::Any#unpack. `require 'smsmux/v1/message_service_services_pb'` and the like load a single service.
require 'google/protobuf/well_known_types'
require 'google/rpc/error_details_pb'
Dir.glob('smsmux/v1/*_pb.rb', base: __dir__).sort.each { |file| require file.delete_suffix('.rb') }
require 'smsmux/error'
require 'smsmux/client'
