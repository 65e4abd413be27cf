# five cities and an exchange
graph [
  directed 0
  Network "Backbone"
  node [
    id 0
    label "Tokyo"
    Country "Japan"
    Longitude 139.69171
    Internal 1
    Latitude 35.6895
  ]
  node [
    id 1
    label "Seattle"
    Country "United States"
    Longitude -122.33207
    Internal 1
    Latitude 47.60621
  ]
  node [
    id 2
    label "Denver"
    Country "United States"
    Longitude -104.9847
    Internal 1
    Latitude 39.73915
  ]
  node [
    id 3
    label "New York"
    Country "United States"
    Longitude -74.00597
    Internal 1
    Latitude 40.71427
  ]
  node [
    id 4
    label "S&#227;o Paulo"
    Country "Brazil"
    Longitude -46.63611
    Internal 1
    Latitude -23.5475
  ]
  node [
    id 5
    label "Exchange"
    Internal 1
  ]
  edge [
    source 0
    target 1
    LinkSpeed "10"
    LinkLabel "OC-192"
    LinkSpeedUnits "G"
  ]
  edge [
    source 1
    target 2
    LinkSpeed "10"
    LinkSpeedUnits "G"
  ]
  edge [
    source 2
    target 3
    LinkSpeed "2.5"
    LinkSpeedUnits "G"
  ]
  edge [
    source 3
    target 4
    LinkSpeed "155"
    LinkSpeedUnits "M"
  ]
  edge [
    source 2
    target 3
    LinkSpeed "10"
    LinkLabel "second fibre"
    LinkSpeedUnits "G"
  ]
  edge [
    source 3
    target 5
  ]
  edge [
    source 5
    target 5
  ]
]
