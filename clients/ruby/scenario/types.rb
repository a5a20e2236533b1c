# frozen_string_literal: true

# Holds the types in sig/ against the client: every message, field, and method of a service is there. Run by clients/packaging/check.sh.

require 'rbs'
require 'smsmux'

loader = RBS::EnvironmentLoader.new
%w[../sig sig].each { |folder| loader.add(path: Pathname(__dir__) + folder) }
TYPES = RBS::DefinitionBuilder.new(env: RBS::Environment.from_loader(loader).resolve_type_names)

def instance(name) = TYPES.build_instance(TypeName("::#{name}")).methods

def compare(name, typed, real)
  return if typed.sort == real.sort

  abort "the types of #{name} lack #{(real - typed).join(', ')}; they have #{(typed - real).join(', ')} besides"
end

messages = Smsmux::V1.constants.map { |name| Smsmux::V1.const_get(name) }
messages = messages.select { |type| type.respond_to?(:descriptor) && type.is_a?(Class) }
messages.each do |message|
  fields = message.descriptor.map { |field| field.name.to_sym }
  compare(message.name, instance(message.name).keys & fields, fields)
end

client = Smsmux::Client.new(key: nil)
services = instance('Smsmux::Client').transform_values { |method| method.defs.first.type.type.return_type }
services.select! { |_, type| type.is_a?(RBS::Types::Intersection) }
services.each do |name, type|
  interface = type.types.grep(RBS::Types::Interface).first.name
  compare(name, TYPES.build_interface(interface).methods.keys, client.public_send(name).singleton_methods)
end
abort 'the types have no messages or services' if messages.size < 100 || services.size != 14
