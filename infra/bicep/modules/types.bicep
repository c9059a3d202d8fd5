// Types that all modules share.

@export()
@description('Where everything is, its tags, and the token in which every name ends.')
type Context = {
  location: string
  tags: object
  @minLength(13)
  @maxLength(13)
  token: string
}

@export()
@description('Who may call the API: holders of a function key or of an Entra token, or, as a public demo, anybody.')
type Callers = 'key' | 'entra' | 'anonymous'

@export()
@description('How much one instance of the function app has and takes, and how many there may be.')
type Scale = {
  memoryMB: 512 | 2048 | 4096
  @minValue(1)
  @maxValue(1000)
  maximumInstances: int
  @minValue(0)
  alwaysReady: int
  @minValue(1)
  httpConcurrency: int
}
